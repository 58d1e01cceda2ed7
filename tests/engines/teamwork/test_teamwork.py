"""Comments, questions, tasks: what several people do to one change."""

from datetime import UTC, datetime, timedelta

import pytest
from planned import a_change

from unfelt.engines.ledger.gates.reading import bodies_of
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork.actions import TeamworkError, assign, comment, mentioned
from unfelt.engines.teamwork.reading import comments_on, questions_for, tasks_for

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SOON = timedelta(minutes=1)


@pytest.fixture(scope="module")
def pair():
    """Two members."""
    return tuple(
        add_member(name, by="root", at=NOON, roles=["owner"]) for name in ("tw-gao", "tw-he@shop.example")
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@tw-gao?", ["tw-gao"]),
        ("ask @TW-GAO, please", ["tw-gao"]),
        ("Is it so, @tw-he?", ["tw-he@shop.example"]),
        ("@tw-he@shop.example.", ["tw-he@shop.example"]),
        ("mail gao@tw-gao.example", []),
        ("@nobody-there and @", []),
    ],
)
def test_a_name_after_an_at_sign_is_a_member(pair, text, names):
    """Whole or up to its own at sign; an address of mail names nobody."""
    assert [one.name for one in mentioned(text)] == names


def test_a_question_waits_until_it_is_answered(pair):
    """By a word on the same change."""
    gao, he = pair
    change = a_change("tw-question")
    comment(change, "team.form", f"@{he.name}?", by=gao, at=NOON)
    assert [said.change for _mention, said in questions_for(he)] == [change]
    comment(change, "", "Yes", by=he, at=NOON + SOON)
    assert questions_for(he) == []


def test_a_double_click_says_it_once(pair):
    """The same a minute later is said again."""
    change = a_change("tw-twice")
    for at in (NOON, NOON + timedelta(seconds=1), NOON + SOON):
        comment(change, "", "Again", by=pair[0], at=at)
    assert [said.said_at for said in comments_on(change, "")] == [NOON, NOON + SOON]


def test_the_ledger_holds_that_something_was_said_and_not_what(pair):
    """So that it can be erased."""
    change = a_change("tw-digest")
    comment(change, "", "The word mulberry", by=pair[0], at=NOON)
    ((_number, body),) = bodies_of("commented", change)
    assert (len(body["text"]), "mulberry" in str(body), pair[0].name in str(body)) == (64, False, False)


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001])
def test_a_comment_that_is_none_is_refused(pair, text):
    """Nothing is kept of it."""
    change = a_change("tw-none")
    with pytest.raises(TeamworkError):
        comment(change, "", text, by=pair[0], at=NOON)
    assert comments_on(change, "") == []


def test_nobody_is_asked_or_given_what_they_may_not_open():
    """A mention is passed over; work is refused."""
    change = a_change("tw-hidden", team="tw-team")
    outsider, boss = (
        add_member("tw-out", by="root", at=NOON),
        add_member("tw-boss", by="root", at=NOON, roles=["admin"]),
    )
    comment(change, "", "@tw-out?", by=boss, at=NOON)
    assert questions_for(outsider) == []
    with pytest.raises(TeamworkError, match="tw-out may not open this change"):
        assign(change, "team.form", outsider, due=None, by="tw-boss", at=NOON)


def test_work_is_in_one_pair_of_hands(pair):
    """The last who was given it; or nobody's."""
    gao, he = pair
    change = a_change("tw-hands")
    assign(change, "team.form", gao, due=None, by="root", at=NOON)
    assign(change, "team.form", he, due=NOON.date(), by="root", at=NOON)
    assert [task.change for task in tasks_for(gao) if task.change == change] == []
    assert [task.due for task in tasks_for(he) if task.change == change] == [NOON.date()]
    assign(change, "team.form", None, due=None, by="root", at=NOON)
    assert [task for task in tasks_for(he) if task.change == change] == []
