"""Whether two images show the same photograph, also cut, scaled, mirrored, recompressed or in grey."""
