"""What is said of every claim."""
