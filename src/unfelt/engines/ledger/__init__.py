NAME = "ledger"
PARTS = {"entries": "unfelt.engines.ledger.entries", "jobs": "unfelt.engines.ledger.jobs"}
