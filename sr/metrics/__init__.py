"""Image quality metrics, one family a file, and the papers' ways to combine them (`protocol`)."""
