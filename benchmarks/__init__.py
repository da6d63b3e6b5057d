"""Speed, measured as ratios to straightforward implementations of the same definition."""
