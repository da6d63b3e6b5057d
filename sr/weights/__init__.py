"""Weight files: their formats and names, released generators, and exports."""
