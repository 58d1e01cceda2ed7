"""Entries of rollouts, and of what is done with the whole installation."""

from unfelt.conf.language import Message
from unfelt.engines.ledger.entry_kinds import EntryKind

_ORDER = ("state", "share", "step", "because")
_EPOCH = ("epoch", "share", "phase")

GATE = EntryKind("gate", Message("gate"), holds=("change", "gate", "controls"), at_once=True)
BEGUN = EntryKind("begun", Message("rollout begun"), holds=("attempt", "budget", "guard"))
BUDGET_RESET = EntryKind("budget_reset", Message("budget reset"), ("by",), ("change", "reason"), at_once=True)
DECISION = EntryKind(
    "decision",
    Message("decision"),
    holds=(
        *(
            "batch",
            "until",
            "read",
            "tallies",
            "failures",
            "splits",
            "exposed",
            "in_flight",
            "felt",
            "fallen_back",
        ),
        *("crossed", "excluded", "intake", "trouble", "action", "share", "because", "metric", "segment"),
        *("at_most", "stood", "guard", "mid_journey", "stores"),
    ),
)
ORDER = EntryKind("order", Message("order"), holds=(*_ORDER, "epoch", "unconfirmed"))
MOVED = EntryKind("moved", Message("customers moved"), holds=_EPOCH)
LAPSE = EntryKind("lapse", Message("lease lapsed"), holds=("began", "ended", "why", *_EPOCH))
SEGMENTS = EntryKind("segments", Message("segments fixed"), holds=None)
PROPOSAL = EntryKind("proposal", Message("proposed"), holds=("action", *_ORDER))
CONFIRMED = EntryKind("confirmed", Message("agreed"), ("by",), ("action", "share", "because"), at_once=True)
TAKEN_BACK = EntryKind("taken_back", Message("taken back by hand"), ("by",), ("because", "share"), at_once=True)
PINNED = EntryKind("pinned", Message("pinned"), ("by",), ("customers", "because"))
UNPINNED = EntryKind("unpinned", Message("no longer pinned"), ("by",), ("customers", "because"))
SEAL = EntryKind("seal", Message("seal"), holds=("first", "last", "decisions", "tallies", "guard", "stands"))
UPGRADED = EntryKind("upgraded", Message("guard upgraded"), holds=("from", "to", "guard"))
OUTSIDE_WINDOW = EntryKind(
    "outside window",
    Message("rollout outside its window"),
    ("by", "agreed_by"),
    ("change", "reason"),
    at_once=True,
)
RESTORED = EntryKind(
    "restored", Message("restored from a backup"), ("by",), ("backup", "made_at", "rollouts"), at_once=True
)
KINDS = (
    *(GATE, BEGUN, BUDGET_RESET, DECISION, ORDER, MOVED, LAPSE, SEGMENTS, PROPOSAL, CONFIRMED, TAKEN_BACK),
    *(PINNED, UNPINNED, SEAL, UPGRADED, OUTSIDE_WINDOW, RESTORED),
)
