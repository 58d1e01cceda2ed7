"""Unregistered differences: what customers meet on new and not on old, and no metric of the plan says so."""

NAME = "differences"
PARTS = {
    "entries": "unfelt.engines.differences.entries",
    "pages": "unfelt.engines.differences.pages",
    "api": "unfelt.engines.differences.api",
}
