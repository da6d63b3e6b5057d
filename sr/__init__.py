"""Replication of five super-resolution GAN papers: degradation, training, protocols, verdicts."""

__version__ = "0.1.0"
