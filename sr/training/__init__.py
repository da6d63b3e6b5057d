"""From a recipe to a generator: recipe and budget, objective, trainer, checkpoints, runs."""
