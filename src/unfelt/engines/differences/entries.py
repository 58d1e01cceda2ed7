"""What the ledger keeps of unregistered differences."""

from unfelt.conf.language import Message
from unfelt.engines.ledger.entry_kinds import EntryKind

FOUND = EntryKind(
    "difference",
    Message("unregistered difference"),
    holds=("feature", "held", "old", "new", "evidence", "needed", "because"),
)
ACCEPTED = EntryKind(
    "difference accepted", Message("difference accepted"), ("by",), ("features", "reason"), at_once=True
)
KINDS = (FOUND, ACCEPTED)
NAMES = tuple(kind.name for kind in KINDS)
