NAME = "rollout"
PARTS = {"entries": "unfelt.rollout.entries"}
