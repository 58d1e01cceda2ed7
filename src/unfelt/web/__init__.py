"""The web: the console of the team."""
