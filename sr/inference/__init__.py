"""Turning low-resolution images into high-resolution ones with a trained generator or a baseline."""
