"""Toy experiments of the papers: a few numbers instead of images, seconds instead of days."""
