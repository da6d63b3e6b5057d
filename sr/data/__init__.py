"""Data sets and weights: what exists, where it comes from, how it is packed for training."""
