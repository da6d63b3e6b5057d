"""What will be made, and what it costs."""
