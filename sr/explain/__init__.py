"""Why does my number differ? Every convention in use, and the usual accidents, tried on someone's images."""
