"""Who has what in hand, what people ask each other, and what waits for whom."""

NAME = "teamwork"
PARTS = {
    "rights": "unfelt.engines.teamwork.rights",
    "entries": "unfelt.engines.teamwork.entries",
    "jobs": "unfelt.engines.teamwork.jobs",
    "pages": "unfelt.engines.teamwork.pages",
    "api": "unfelt.engines.teamwork.api",
    "find": "unfelt.engines.teamwork.find",
    "news": "unfelt.engines.teamwork.news",
    "derived": "unfelt.engines.teamwork.derived",
    "inbox": "unfelt.engines.teamwork.waiting",
}
