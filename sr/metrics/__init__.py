"""Image quality metrics, one family a file; `metric` says what one is, `known` which there are."""
