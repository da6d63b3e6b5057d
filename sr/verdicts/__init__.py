"""What is said of every printed number."""
