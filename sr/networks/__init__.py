"""Generators, discriminators and feature networks, one file each. A recipe's settings build them."""

from sr.networks.srgan_discriminator import SRGANDiscriminatorSettings
from sr.networks.srresnet import SRResNetSettings

# A second network joins as `SRResNetSettings | RRDBSettings`; its `network` key tells them apart.
GeneratorSettings = SRResNetSettings
DiscriminatorSettings = SRGANDiscriminatorSettings
