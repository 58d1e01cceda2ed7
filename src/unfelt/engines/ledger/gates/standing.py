"""Where controls and gates of a change stand: values that are decided elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Gate, Origin
from unfelt.engines.ledger.gates.facts import Evidence

Asked = Literal["standard", "normal", "major", "emergency"]
State = Literal[
    "pass",
    "stated",
    "signed",
    "waived",
    "not_applicable",
    "fail",
    "weak",
    "inconclusive",
    "not_run",
    "stale",
    "expired",
    "missing",
]
ANSWERED = frozenset({"pass", "stated", "signed", "waived", "not_applicable"})
"""States in which nothing is left to do about a control, whatever a gate makes of it."""
MEASURED_ONLY = frozenset({"go", "proof"})
"""Gates at which nothing rests on what was stated or signed alone."""
SIGNED_FOR = timedelta(days=30)
"""How long a person's word, signed or typed, counts where something could be measured."""
ORDER: tuple[Gate, ...] = ("plan", "ready", "go", "proof", "close")
"""A gate opens only behind the ones before it."""
GATES: tuple[Gate, ...] = get_args(Gate)


@dataclass(frozen=True, slots=True)
class Case:
    """What is decided: the expanded plan, how carefully it is taken, what is true of it, the time, and why so."""

    plan: Mapping[str, Any]
    tier: Asked
    facts: Mapping[str, str]
    now: datetime
    why: Message | None = None
    owed_until: datetime | None = None
    """In an emergency that has begun to move customers: when it has to have answered what it owes."""

    @property
    def is_overdue(self) -> bool:
        """What an emergency owes was not answered in time, if it is still open."""
        return self.owed_until is not None and self.now > self.owed_until


@dataclass(frozen=True, slots=True)
class Standing:
    """One control: where it stands, why, and the evidence that says so.

    is_waived: it passes, and has a waiver for the gates that ask for stronger evidence.
    """

    control: Control
    state: State
    why: Message
    evidence: Evidence | None = None
    is_waived: bool = False

    @property
    def origin(self) -> Origin | None:
        """How the evidence that says so was come by; None where there is none."""
        return self.evidence.origin if self.evidence is not None else None


@dataclass(frozen=True, slots=True)
class GateStanding:
    """A gate: whether it is open, the controls that hold it, and the gate before it that does."""

    gate: Gate
    is_open: bool
    asked: int
    holding: tuple[Standing, ...]
    behind: Gate | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every control and every gate."""

    controls: tuple[Standing, ...]
    gates: tuple[GateStanding, ...]

    def gate(self, name: Gate) -> GateStanding:
        """That gate."""
        return next(one for one in self.gates if one.gate == name)
