"""What goes in and what comes out where plans are acknowledged and things handed over."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from unfelt.engines.teamwork.acknowledgements import Acknowledgement
from unfelt.engines.teamwork.given import HandOver
from unfelt.engines.teamwork.parts import Named


class PersonShown(Schema):
    """Somebody whom the plan names. member: who they are here; empty where no member is that person.

    acknowledged_at: when they have last. is_stale: that was an earlier plan, and a part that counts was another.
    entry: of the ledger; 0 where there is none.
    """

    name: str
    member: str
    roles: list[str]
    acknowledged_at: datetime | None
    is_stale: bool
    revision: str
    entry: int


def person_shown(one: Acknowledgement, named: Named) -> dict[str, Any]:
    """The person as data."""
    said = {"name": one.name, "member": one.member or "", "roles": list(named.roles)}
    return {
        **said,
        "acknowledged_at": one.at,
        "is_stale": one.stale,
        "revision": one.revision,
        "entry": one.number,
    }


class Acknowledgements(Schema):
    """The revision that stands, how many have read it, and everybody whom it names."""

    revision: str
    acknowledged: int
    people: list[PersonShown]


class HandOverShown(Schema):
    """A touchpoint of another's, or a task. owner: to whom: a person, or a team by its id.

    due_at: a working day after it was asked; is_late: answered after that, or not yet. asked, answered: entries
    of the ledger.
    """

    kind: Literal["touchpoint", "task"]
    what: str
    owner: str
    state: Literal["open", "accepted", "refused", "overdue"]
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None
    by: str
    reason: str
    is_late: bool
    asked: int
    answered: int


def hand_over_shown(one: HandOver) -> dict[str, Any]:
    """The hand-over as data."""
    return {name: getattr(one, name) for name in HandOverShown.model_fields}


class HandOvers(Schema):
    """Everything that the change hands over, and the revision of its plan that stands."""

    revision: str
    hand_overs: list[HandOverShown]
