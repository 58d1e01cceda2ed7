NAME = "rollout"
PARTS = {"entries": "unfelt.rollout.entries", "jobs": "unfelt.rollout.jobs"}
