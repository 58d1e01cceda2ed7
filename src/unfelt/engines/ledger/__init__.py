"""What is on record, and the gates that it opens."""

NAME = "ledger"
PARTS = {
    "rights": "unfelt.engines.ledger.rights",
    "entries": "unfelt.engines.ledger.entries",
    "jobs": "unfelt.engines.ledger.jobs",
    "pages": "unfelt.engines.ledger.pages",
    "api": "unfelt.engines.ledger.api",
    "find": "unfelt.engines.ledger.find",
}
