"""Tests mirror the tree of `sr/`; helpers are imported as tests.<room>.<module>."""
