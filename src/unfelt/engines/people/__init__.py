"""Who works here and what they may do."""

NAME = "people"
PARTS = {
    "rights": "unfelt.engines.people.rights",
    "entries": "unfelt.engines.people.entries",
    "jobs": "unfelt.engines.people.jobs",
    "pages": "unfelt.engines.people.pages",
    "api": "unfelt.engines.people.api",
    "find": "unfelt.engines.people.find",
}
