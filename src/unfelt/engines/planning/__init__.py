"""Planning: what follows from a plan by itself, before anything is done."""

NAME = "planning"
PARTS = {
    "rights": "unfelt.engines.planning.rights",
    "pages": "unfelt.engines.planning.pages",
    "api": "unfelt.engines.planning.api",
    "find": "unfelt.engines.planning.find",
    "derived": "unfelt.engines.planning.derived",
}
