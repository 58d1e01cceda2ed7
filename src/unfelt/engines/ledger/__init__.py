NAME = "ledger"
PARTS = {"entries": "unfelt.engines.ledger.entries"}
