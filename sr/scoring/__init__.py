"""How a paper measures, as data, and the scores of images under it."""
