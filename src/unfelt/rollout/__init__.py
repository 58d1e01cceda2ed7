"""A rollout, from its first share to its end."""

NAME = "rollout"
PARTS = {
    "rights": "unfelt.rollout.rights",
    "entries": "unfelt.rollout.entries",
    "jobs": "unfelt.rollout.jobs",
    "pages": "unfelt.rollout.pages",
    "api": "unfelt.rollout.api",
    "find": "unfelt.rollout.find",
    "news": "unfelt.rollout.news",
}
