"""Gates: what opens, what holds it, and who can do what about it."""
