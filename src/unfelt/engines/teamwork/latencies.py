"""How long people wait for each other, in working time: from the chain alone, for tasks, questions and waivers."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from unfelt.engines.ledger.entries import WAIVER
from unfelt.engines.teamwork import tasks
from unfelt.engines.teamwork.chain import Noted, entries_about
from unfelt.engines.teamwork.clocks import working_time
from unfelt.engines.teamwork.entries import ASKED, COMMENTED, PUT_AWAY, WAIVER_ASKED, WAIVER_DECLINED

QUESTIONS = (ASKED.name, COMMENTED.name, PUT_AWAY.name)
WAIVERS = (WAIVER_ASKED.name, WAIVER_DECLINED.name, WAIVER.name)


@dataclass(frozen=True, slots=True)
class Latency:
    """One thing that was asked and answered. numbers: the entries that say so: the question and its answer."""

    kind: Literal["task", "mention", "waiver"]
    change: str
    working: timedelta
    asked_at: datetime
    answered_at: datetime
    numbers: tuple[int, int]


ANSWERED_ABOUT = (*tasks.KINDS, *QUESTIONS, *WAIVERS)
"""Entries that say what was asked, and what was answered."""


def latencies(changes: Collection[str] | None = None) -> list[Latency]:
    """Everything that was asked about these changes (about all for None) and is answered, in the order of asking.

    One query. What was asked before questions were entries of their own is not in it.
    """
    return latencies_in(entries_about(changes, ANSWERED_ABOUT))


def latencies_in(entries: list[Noted]) -> list[Latency]:
    """The same, of entries that were read."""
    found = [*_of_tasks(entries), *_of_questions(entries), *_of_waivers(entries)]
    return sorted(found, key=lambda one: one.numbers)


def _of_tasks(entries: list[Noted]) -> Iterator[Latency]:
    """Given, and accepted or handed back; what somebody took themselves was asked of nobody."""
    for one in tasks.given_in([entry for entry in entries if entry.kind in tasks.KINDS]):
        if one.answers and not one.by_themselves:
            yield _latency("task", one.asked, one.answers[0])


def _of_questions(entries: list[Noted]) -> Iterator[Latency]:
    """Asked in a comment, and answered by the next word of theirs about that change, or put away."""
    waiting: dict[tuple[str, str], list[Noted]] = defaultdict(list)
    for one in entries:
        if one.kind == ASKED.name:
            waiting[one.body["change"], one.body["person"]].append(one)
        elif one.kind in QUESTIONS:
            theirs = waiting[one.body["change"], one.body["by"]]
            answered = [asked for asked in theirs if one.kind == COMMENTED.name or _is_about(asked, one)]
            for asked in answered:
                theirs.remove(asked)
                yield _latency("mention", asked, one)


def _is_about(asked: Noted, one: Noted) -> bool:
    return bool(asked.body["comment"] == one.body["comment"])


def _of_waivers(entries: list[Noted]) -> Iterator[Latency]:
    """Asked for, and agreed to or declined: by who was asked; of several, the first that was asked."""
    waiting: dict[tuple[str, str, str], list[Noted]] = defaultdict(list)
    for one in entries:
        if one.kind not in WAIVERS:
            continue
        who = {WAIVER_ASKED.name: "person", WAIVER.name: "agreed_by", WAIVER_DECLINED.name: "by"}[one.kind]
        at = (one.body["change"], one.body["control"], one.body[who])
        if one.kind == WAIVER_ASKED.name:
            waiting[at].append(one)
            continue
        theirs = [asked for asked in waiting[at] if one.kind != WAIVER.name or asked.body["by"] == one.body["by"]]
        if theirs:
            waiting[at].remove(theirs[0])
            yield _latency("waiver", theirs[0], one)


def _latency(kind: Literal["task", "mention", "waiver"], asked: Noted, answer: Noted) -> Latency:
    numbers = (asked.number, answer.number)
    return Latency(kind, asked.body["change"], working_time(asked.at, answer.at), asked.at, answer.at, numbers)
