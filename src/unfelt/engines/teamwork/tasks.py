"""Tasks as the chain tells them: who was given a control, and what they said to it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from unfelt.engines.ledger.people import names
from unfelt.engines.teamwork.chain import Noted, entries_about
from unfelt.engines.teamwork.entries import ASSIGNED, TASK_ACCEPTED, TASK_RETURNED
from unfelt.engines.teamwork.given import HandOver, waiting
from unfelt.engines.teamwork.hand_overs import reasons_in

KINDS = (ASSIGNED.name, TASK_ACCEPTED.name, TASK_RETURNED.name)


@dataclass(frozen=True, slots=True)
class Given:
    """A control that was given to somebody, and what they said to it, in order.

    is_open: nobody else was given it since, and it was not taken back.
    """

    asked: Noted
    person: str
    """Their token."""
    answers: tuple[Noted, ...] = ()
    is_open: bool = True

    @property
    def by_themselves(self) -> bool:
        """They took it: nobody waits for their answer."""
        return bool(self.asked.body["by"] == self.person)


def given_in(entries: Collection[Noted]) -> list[Given]:
    """Every time that a control was given to somebody, by entries of KINDS in their order.

    The same person once more by the same day is the same time.
    """
    now: dict[tuple[str, str], Given] = {}
    past: list[Given] = []
    for one in entries:
        at = (one.body["change"], one.body["control"])
        before = now.get(at)
        if one.kind != ASSIGNED.name:
            if before is not None and one.body["by"] == before.person:
                now[at] = replace(before, answers=(*before.answers, one))
        elif before is None or not _is_once_more(before, one):
            past += [replace(now.pop(at), is_open=False)] if before is not None else []
            if one.body["person"]:
                now[at] = Given(one, one.body["person"])
    return sorted([*past, *now.values()], key=lambda one: one.asked.number)


def _is_once_more(before: Given, one: Noted) -> bool:
    """It is in their hands as it was."""
    is_back = bool(before.answers) and before.answers[-1].kind == TASK_RETURNED.name
    same = (one.body["person"], one.body["due"]) == (before.person, before.asked.body["due"])
    return same and not is_back


def tasks_given(changes: Collection[str] | None, now: datetime) -> list[HandOver]:
    """The tasks of these changes (of all for None): those in somebody's hands, and those that came back.

    From the chain alone, by two queries, three with reasons.
    """
    entries = entries_about(changes, KINDS)
    people = names() if entries else {}
    about = {one.body["change"] for one in entries if "text" in one.body}
    reasons = reasons_in(about) if about else {}
    return [_as_hand_over(one, people, reasons, now) for one in given_in(entries) if one.is_open]


def _as_hand_over(
    one: Given, people: Mapping[str, str], reasons: Mapping[tuple[str, str], str], now: datetime
) -> HandOver:
    asked, owner = one.asked, people.get(one.person, "")
    change, control = asked.body["change"], asked.body["control"]
    found = HandOver("task", change, control, owner, waiting(asked.at, now), asked.at, asked.number)
    answered = one.answers[-1] if one.answers else asked if one.by_themselves else None
    if answered is None:
        return found
    return replace(
        found,
        state="refused" if answered.kind == TASK_RETURNED.name else "accepted",
        answered_at=answered.at,
        answered=answered.number,
        by=owner,
        reason=reasons.get((change, answered.body.get("text", "")), ""),
    )
