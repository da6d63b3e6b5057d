"""The papers' own numbers held against each other."""
