"""How long people wait for each other, in working time: from the chain alone."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from planned import a_change

from unfelt.documents.change import Change
from unfelt.engines.ledger.gates.actions import GateError
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.actions import add_member
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.actions import answer_waiver, ask_for_waiver, assign, comment, put_away
from unfelt.engines.teamwork.answers import accept_task, return_task
from unfelt.engines.teamwork.latencies import Latency, latencies
from unfelt.records.models import ChangeRow, Comment, Entry, Member, Mention, Task, WaiverAsked

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=UTC)
MONDAY = FRIDAY + timedelta(days=3)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def pair() -> tuple[Member, Member]:
    """Two members who may agree to waivers."""
    one, other = (
        add_member(name, by="root", at=FRIDAY, roles=["owner", "approver"]) for name in ("la-gao", "la-he")
    )
    return one, other


def of(change: str) -> list[tuple[str, timedelta]]:
    """What was answered about the change, and in which working time."""
    return [(one.kind, one.working) for one in latencies([change])]


def kinds(one: Latency) -> list[str]:
    """Of the entries that it follows from."""
    return [Entry.objects.get(pk=number).kind for number in one.numbers]


def test_a_task_from_given_to_accepted(pair):
    """The weekend is no working time; handing it back later is no second answer."""
    change = a_change("la-task")
    assign(change, "team.form", pair[1], due=None, by=pair[0].name, at=FRIDAY)
    assert of(change) == []
    accept_task(change, "team.form", by=pair[1], at=MONDAY + HOUR)
    return_task(change, "team.form", "Too much", by=pair[1], at=MONDAY + 2 * HOUR)
    (found,) = [one for one in latencies([change]) if one.kind == "task"]
    assert (found.working, found.asked_at, found.answered_at) == (25 * HOUR, FRIDAY, MONDAY + HOUR)
    assert kinds(found) == ["assigned", "task accepted"]


def test_a_task_that_went_to_another_is_no_answer(pair):
    """And what somebody took themselves was asked of nobody."""
    change = a_change("la-moved")
    assign(change, "team.form", pair[0], due=None, by="root", at=FRIDAY)
    assign(change, "team.form", pair[1], due=None, by="root", at=FRIDAY + HOUR)
    assign(change, "team.roles", pair[1], due=None, by=pair[1].name, at=FRIDAY)
    return_task(change, "team.form", "No", by=pair[1], at=FRIDAY + 3 * HOUR)
    assert of(change) == [("task", 2 * HOUR)]


def test_a_question_from_asked_to_the_next_word_of_theirs(pair):
    """Several at once are answered by it."""
    change = a_change("la-question")
    for hours in (0, 1):
        comment(change, "", f"@la-he {hours}?", by=pair[0], at=FRIDAY + hours * HOUR)
    comment(change, "team.form", "Yes", by=pair[1], at=FRIDAY + 3 * HOUR)
    comment(change, "", "And yes", by=pair[1], at=FRIDAY + 4 * HOUR)
    assert of(change) == [("mention", 3 * HOUR), ("mention", 2 * HOUR)]
    assert kinds(latencies([change])[0]) == ["asked", "commented"]


def test_a_question_that_is_put_away_is_answered(pair):
    """That one alone, once."""
    change = a_change("la-away")
    for hours in (0, 1):
        comment(change, "", f"@la-he {hours}?", by=pair[0], at=FRIDAY + hours * HOUR)
    mention = Mention.objects.filter(comment__change=change).order_by("pk").last()
    for hours in (2, 3):
        put_away(mention, at=FRIDAY + hours * HOUR)
    assert of(change) == [("mention", HOUR)]


@pytest.mark.parametrize("agrees", [True, False])
def test_a_waiver_from_asked_to_agreed_or_declined(pair, agrees):
    """By who was asked."""
    name = a_change(f"la-waiver-{str(agrees).lower()}", at=FRIDAY)
    change = plans_of([ChangeRow.objects.select_related("revision").get(name=name)])[name]
    row = asked(change, pair)
    answer_waiver(row, change, standards().playbook, agrees=agrees, by=pair[1], at=FRIDAY + HOUR)
    (found,) = latencies([name])
    assert (found.kind, found.working) == ("waiver", HOUR)
    assert kinds(found) == ["waiver asked", "waiver" if agrees else "waiver declined"]


def asked(change: Change, pair: tuple[Member, Member]) -> WaiverAsked:
    """A waiver of the first control that one may be given for."""
    playbook = standards().playbook
    for control in playbook.controls:
        terms = {"reason": "Later", "until": FRIDAY + timedelta(days=3), "asked": pair[1]}
        try:
            return ask_for_waiver(change, playbook, control, terms, by=pair[0], at=FRIDAY)
        except GateError:
            continue
    raise AssertionError("no control may be waived")


def test_the_chain_alone_is_asked_and_of_all_changes_too(pair):
    """One query, and the same with every row beside it gone."""
    change = a_change("la-alone")
    assign(change, "team.form", pair[1], due=None, by="root", at=FRIDAY)
    accept_task(change, "team.form", by=pair[1], at=FRIDAY + HOUR)
    comment(change, "", "@la-he?", by=pair[0], at=FRIDAY)
    comment(change, "", "Yes", by=pair[1], at=FRIDAY + HOUR)
    before = latencies([change])
    Task.objects.filter(change=change).delete()
    Comment.objects.filter(change=change).delete()

    def counted(queries, execute, sql, *rest):
        queries.append(sql)
        return execute(sql, *rest)

    queries: list[str] = []
    with connection.execute_wrapper(partial(counted, queries)):
        every = latencies()
    assert len(queries) == 1
    assert ([one for one in every if one.change == change], latencies([change])) == (before, before)
    assert len(before) == 2
