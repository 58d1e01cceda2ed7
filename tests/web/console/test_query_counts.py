"""Every list asks its database as often for one row as for three hundred."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import pytest
from django.db import connection
from planned import a_change

from unfelt.documents.change import Change
from unfelt.engines.find import everything_with
from unfelt.engines.inbox import Waits
from unfelt.engines.people.actions import add_member
from unfelt.engines.people.pages.members import members_like
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.find import Wanted
from unfelt.engines.teamwork.actions import assign, comment, note
from unfelt.engines.teamwork.entries import REPORT_SENT
from unfelt.engines.teamwork.reading import comments_on
from unfelt.engines.teamwork.receipts import reports_sent
from unfelt.engines.teamwork.report_news import received_by
from unfelt.engines.teamwork.requests import ask, draw_lesson, lessons_of, requests_like, with_names
from unfelt.engines.teamwork.sending import usual_recipients
from unfelt.engines.teamwork.waiting import to_read
from unfelt.queries.changes import changes_of
from unfelt.queries.inbox import work_of
from unfelt.queries.ledger import entries_of
from unfelt.queries.overview import areas_of, board_of_gates, month_of, risks_of
from unfelt.queries.rollouts import board_of
from unfelt.records.models import ChangeRow, Member, Rollout

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ANYBODY = Reader("ann", frozenset({"owner"}))
SIZES = (1, 3, 300)
PLAN = Change.model_validate(
    {
        "unfelt": 1,
        "change": {"id": "q", "title": "T", "owner": "somebody"},
        "experience": {"customer": "cookie:u", "metrics": [{"id": "f", "bad": "status >= 500", "margin": "1%"}]},
        "guard": {"impact_budget": "40 customers"},
    }
)


WINDOW = {"from": "2026-12-01T00:00Z", "to": "2026-12-02T00:00Z"}
RISK = {
    "id": "r",
    "kind": "technical",
    "what": "W",
    "chance": "5%",
    "affects": "4 customers",
    "response": "accept",
}
SECTIONS = {"touches": ["checkout"], "window": WINDOW, "risks": [RISK]}


def plans(word: str, size: int) -> None:
    """So many changes of that word."""
    for one in range(size):
        a_change(f"{word}-{one}", title=word, sections=SECTIONS)


def rollouts(word: str, size: int) -> None:
    """So many rollouts of one change."""
    a_change(word, title=word)
    revision = ChangeRow.objects.get(name=word).revision
    for one in range(size):
        times = {"began": NOW, "ended": NOW, "state_since": NOW}
        more = {"revision": revision, "attempt": one, "state": "done", "budget": 40, "directory": "", **times}
        Rollout.objects.create(id=f"{word}-{one}", change=word, **more)


def members(word: str, size: int) -> None:
    """So many members."""
    for one in range(size):
        add_member(f"{word}-{one}", by="root", at=NOW, roles=["owner"])


def requests(word: str, size: int) -> None:
    """So many requests of one member."""
    member = add_member(word, by="root", at=NOW, roles=["owner"])
    for one in range(size):
        ask(f"{word} {one}", "Why", wanted_by=None, by=member, at=NOW)


def words(word: str, size: int) -> None:
    """So many comments and lessons of one change."""
    member = add_member(word, by="root", at=NOW, roles=["owner"])
    a_change(word, title=word)
    for one in range(size):
        comment(word, "", f"{word} {one}", by=member, at=NOW)
        draw_lesson(word, f"{word} {one}", action="A", member=member, due=None, by=member, at=NOW)


def tasks(word: str, size: int) -> None:
    """So many tasks of one member in one change."""
    member = add_member(word, by="root", at=NOW, roles=["owner"])
    a_change(word, title=word)
    for one in range(size):
        assign(word, f"c.{one}", member, due=None, by="root", at=NOW)


def named(word: str, size: int) -> None:
    """So many changes whose plans name one member."""
    add_member(word, by="root", at=NOW, roles=["owner"])
    for one in range(size):
        a_change(f"{word}-{one}", title="T", sections={"people": [{"id": "p", "name": word}]})


def receipts(word: str, size: int) -> None:
    """So many reports to one member, each of a change of its own that so many members were sent."""
    add_member(word, by="root", at=NOW, roles=["owner"])
    for one in range(size):
        said = {"change": f"{word}-{one}", "revision": "0" * 64, "report": f"{one:064}", "kind": "compliance"}
        for name in (word, *(f"{word}-{other}" for other in range(min(size, 3)))):
            note(REPORT_SENT, {**said, "person": name}, by="root", at=NOW)


def nothing_more(_word: str, _size: int) -> None:
    """What other lists have put there."""


def shown_members(word: str) -> list[dict[str, Any]]:
    """With their teams, as the page shows them."""
    return [{held.team_id: held.roles for held in one.memberships.all()} for one in members_like(word)]


def work(word: str) -> object:
    """Of that member."""
    (member,) = members_like(word)
    return work_of(Reader(member.name, frozenset({"owner"})), member, NOW)


def to_be_read(word: str) -> list[Waits]:
    """Plans that wait for that member."""
    (member,) = members_like(word)
    return list(to_read(Reader(member.name, frozenset({"owner"})), member, NOW))


def to_be_received(word: str) -> list[Waits]:
    """Reports that wait for that member."""
    member = Member.objects.get(name=word)
    return list(received_by(Reader(member.name), member, NOW))


def counted(queries: list[str], execute, sql, *rest):
    """The query is noted, and made."""
    queries.append(sql)
    return execute(sql, *rest)


LISTS: dict[str, tuple[Callable[[str, int], None], Callable[[str], object]]] = {
    "list": (plans, lambda word: changes_of(ANYBODY, Wanted(word), now=NOW)),
    "board": (plans, lambda word: board_of_gates(ANYBODY, Wanted(word), NOW)),
    "calendar": (plans, lambda _word: month_of(ANYBODY, 2026, 12, NOW)),
    "risks": (plans, lambda _word: risks_of(ANYBODY, NOW)),
    "areas": (plans, lambda _word: areas_of(ANYBODY, NOW)),
    "search": (plans, lambda word: everything_with(ANYBODY, word, most=10)),
    "live": (rollouts, lambda word: board_of(word, ANYBODY)),
    "members": (members, shown_members),
    "requests": (requests, lambda word: with_names(requests_like(word, ""), ())),
    "comments": (words, lambda word: comments_on(word, "")),
    "lessons": (words, lambda word: [one.member.name for one in lessons_of(word)]),
    "work": (tasks, work),
    "plans to read": (named, to_be_read),
    "reports": (receipts, lambda word: reports_sent([f"{word}-{one}" for one in range(300)])),
    "reports to receive": (receipts, to_be_received),
    "usual recipients": (members, lambda _word: usual_recipients(PLAN, by="root")),
    "ledger": (nothing_more, lambda _word: entries_of("", "", before=None)),
}


@cache
def counts_over(fill: Callable[[str, int], None]) -> dict[str, list[int]]:
    """For each list of what that fills: how many queries it takes, by size."""
    counts: dict[str, list[int]] = {name: [] for name, (filled, _read) in LISTS.items() if filled is fill}
    for size in SIZES:
        word = f"q{fill.__name__}{size}x"
        fill(word, size)
        for name, of_it in counts.items():
            queries: list[str] = []
            with connection.execute_wrapper(partial(counted, queries)):
                LISTS[name][1](word)
            of_it.append(len(queries))
    return counts


@pytest.mark.parametrize("name", LISTS)
def test_one_row_and_three_hundred_take_as_many_queries(name):
    """What is on record is read once for a page."""
    counts = counts_over(LISTS[name][0])[name]
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 25


def test_lists_of_nothing_are_empty():
    """In every database."""
    shown = changes_of(ANYBODY, Wanted("nothing is called so"), now=NOW)
    assert (shown["count"], shown["cards"], shown["pages"]) == (0, [], 1)
    assert board_of_gates(ANYBODY, Wanted("nothing is called so"), NOW)["all"] == 0
