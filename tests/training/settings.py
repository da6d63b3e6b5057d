"""Settings of networks that are small enough for a test."""

from sr.networks.rrdb import RRDBSettings

SMALL_RRDB = RRDBSettings(
    network="rrdb", blocks=1, channels=4, growth=2, residual_scaling=0.2, initialisation_scale=0.1
)
