"""What is trained, as data: recipes, what a budget leaves of them, and their schedules."""
