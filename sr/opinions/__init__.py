"""Studies of people: rating pages, their collection, and what the ratings say."""
