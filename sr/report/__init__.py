"""The page that shows all of a run's results: one HTML file that needs nothing beside it."""
