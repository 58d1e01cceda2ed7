"""The guard: experience tallies in; widen, hold, back, promote, spent or unmeasured out."""

from unfelt.engines.guard.decision import Affected, CellView, Decision, GuardError, SplitView
from unfelt.engines.guard.guard import Guard
from unfelt.engines.guard.snapshot import VERSION, OtherGuardError
from unfelt.kernel.tally import ANYTHING, Tally

__all__ = [
    "ANYTHING",
    "VERSION",
    "Affected",
    "CellView",
    "Decision",
    "Guard",
    "GuardError",
    "OtherGuardError",
    "SplitView",
    "Tally",
]
