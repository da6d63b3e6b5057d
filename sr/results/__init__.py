"""The typed room between what was computed and what is said of it."""
