"""How evidence was come by, and what that is worth: pure."""

from collections.abc import Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.playbook import Least, Origin
from unfelt.engines.ledger.gates.facts import Evidence

ORIGINS: tuple[Origin, ...] = ("observed", "derived", "read", "stated", "signed")
"""From the strongest to the weakest; what is stated is worth what a signature is worth."""
STRENGTH: Mapping[str, int] = {"observed": 3, "derived": 2, "read": 1, "stated": 0, "signed": 0}
LABELS: Mapping[str, Message] = {
    "observed": Message("observed"),
    "derived": Message("derived"),
    "read": Message("read from a tool"),
    "stated": Message("stated"),
    "signed": Message("signed"),
}
"""What people call it."""


def suffices(origin: Origin, least: Least) -> bool:
    """Evidence of that origin is accepted where at least the other is due."""
    return STRENGTH[origin] >= STRENGTH[least]


def weakest(*origins: Origin) -> Origin:
    """What was derived from several is no better than the weakest that decides it; of none it is derived.

    >>> weakest("observed", "stated", "read"), weakest("observed"), weakest()
    ('stated', 'derived', 'derived')
    """
    return min(("derived", *origins), key=lambda one: STRENGTH[one])


def is_measured(one: Evidence, candidate: str) -> bool:
    """It was measured: go and proof rest on it.

    What another tool says counts there only from a run that unfelt started on the candidate that the plan names.
    """
    if one.origin == "read":
        return one.kind == "command" and bool(candidate) and one.candidate == candidate
    return one.origin in ("observed", "derived")


def candidate_of(plan: Mapping[str, Any] | None) -> str:
    """What the plan names as the candidate; empty where it names none."""
    return str((plan or {}).get("candidate") or "")
