"""Something that was put into somebody's hands, and what they said to it: one form for touchpoints and tasks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from unfelt.engines.people.persons import is_same
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.clocks import answer_due

State = Literal["open", "accepted", "refused", "overdue"]


@dataclass(frozen=True, slots=True)
class HandOver:
    """What was given to whom, and where it stands at a moment.

    owner: to whom: a person, or a team by its id. by: who answered. reason: why not, as far as it is still there.
    asked, answered: the entries of the ledger that it follows from; 0 where there is none.
    """

    kind: Literal["touchpoint", "task"]
    change: str
    what: str
    """The touchpoint or the control."""
    owner: str
    state: State
    asked_at: datetime
    asked: int
    answered_at: datetime | None = None
    answered: int = 0
    by: str = ""
    reason: str = ""

    @property
    def due_at(self) -> datetime:
        """By when an answer is due."""
        return answer_due(self.asked_at)

    @property
    def is_late(self) -> bool:
        """It was answered after that, or is not yet."""
        return self.state == "overdue" or (self.answered_at is not None and self.answered_at > self.due_at)

    @property
    def waits(self) -> bool:
        """Nobody has answered."""
        return self.state in ("open", "overdue")


def waiting(asked_at: datetime, now: datetime) -> State:
    """The state of what nobody has answered."""
    return "overdue" if now > answer_due(asked_at) else "open"


def answers_for(owner: str, known: Reader) -> bool:
    """They are that person, or a member of that team: what is handed over to it is theirs to answer."""
    return is_same(owner, known.name) or owner in known.teams
