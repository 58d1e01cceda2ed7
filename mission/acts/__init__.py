"""Acts of the mission, in their order."""
