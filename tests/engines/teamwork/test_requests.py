"""Requests, lessons and the approval of change models: what is asked, and the answers that stand."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from unfelt.documents.load import load_model
from unfelt.documents.model import SHIPPED
from unfelt.engines.ledger.gates.models import approval_of, model_name
from unfelt.engines.news import news_for
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork.actions import TeamworkError
from unfelt.engines.teamwork.requests import (
    action_done,
    actions_for,
    answer_approval,
    approvals_for,
    ask,
    ask_for_approval,
    decline,
    draw_lesson,
    planned_as,
    requests_like,
    with_names,
)
from unfelt.records.models import Entry, Request

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=1)


@pytest.fixture(scope="module")
def pair():
    """A requester and somebody who answers."""
    requester = add_member("ask-ma", by="root", at=NOON, roles=["requester"])
    return requester, add_member("ask-bai", by="root", at=NOON, roles=["change_manager"])


def asked(pair, title: str) -> Request:
    """A request of the first."""
    return ask(title, "Buyers wait at the till", wanted_by=date(2026, 12, 24), by=pair[0], at=NOON)


def test_a_request_is_found_by_its_words_and_its_state(pair):
    """Open first; the answer moves it."""
    row = asked(pair, "Tills that answer")
    assert list(requests_like("TILLS THAT", "open")) == [row]
    planned_as(row, "faster-tills", by=pair[1], at=SOON)
    assert [list(requests_like("tills that", state)) for state in ("open", "planned", "declined")] == [
        [],
        [row],
        [],
    ]
    (shown,) = with_names(requests_like("tills that", ""), {"faster-tills"})
    assert (shown.by, shown.answered_by, shown.state, shown.change) == (
        "ask-ma",
        "ask-bai",
        "planned",
        "faster-tills",
    )


def test_the_first_answer_stands(pair):
    """Declined is declined; the reason is what was said first."""
    row = asked(pair, "A till in gold")
    decline(row, "Too heavy", by=pair[1], at=SOON)
    planned_as(row, "gold", by=pair[1], at=SOON)
    decline(row, "Too dear", by=pair[1], at=SOON)
    row.refresh_from_db()
    assert (row.reason, row.change) == ("Too heavy", "")


def test_a_double_click_asks_once(pair):
    """A minute later it is asked again."""
    first = asked(pair, "Twice")
    assert ask(first.title, first.why, wanted_by=None, by=pair[0], at=NOON + timedelta(seconds=1)).pk == first.pk
    assert ask(first.title, first.why, wanted_by=None, by=pair[0], at=SOON).pk != first.pk


@pytest.mark.parametrize(
    ("title", "why", "field"), [("", "w", "title"), ("t" * 201, "w", "title"), ("t", " ", "why")]
)
def test_what_is_missing_or_too_long_is_named(pair, title, why, field):
    """And nothing is on record."""
    before = Request.objects.count()
    with pytest.raises(TeamworkError, match=f"^{field}: "):
        ask(title, why, wanted_by=None, by=pair[0], at=NOON)
    assert Request.objects.count() == before


def test_the_ledger_holds_who_asked_and_a_digest_of_the_words(pair):
    """Words can be erased from the records; the chain never held them."""
    row = asked(pair, "Words")
    entry = Entry.objects.filter(kind="change asked").order_by("sequence").last()
    body = json.loads(entry.body)
    assert (body["request"], len(body["text"]), "Words" in entry.body) == (row.pk, 64, False)


def test_who_asked_is_told_what_became_of_it(pair):
    """In their next digest, once."""
    row = asked(pair, "Chairs")
    decline(row, "Nobody sits there", by=pair[1], at=SOON)
    since, now = NOON, SOON + timedelta(seconds=1)

    def said(since: datetime, now: datetime) -> list[str]:
        news = [str(item.text) for item in news_for(pair[0], since=since, now=now)]
        return [text for text in news if "Chairs" in text]

    assert said(since, now) == ["Your request “Chairs” was declined: Nobody sits there"]
    assert said(now, now + timedelta(days=1)) == []


def test_an_action_is_in_somebodys_hands_until_they_say_it_is_done(pair):
    """Nobody else may say so."""
    ma, bai = pair
    with pytest.raises(TeamworkError, match="choose who does it"):
        draw_lesson("tills", "Slow", action="Measure", member=None, due=None, by=ma, at=NOON)
    row = draw_lesson("tills", "Slow", action="Measure", member=bai, due=date(2026, 12, 1), by=ma, at=NOON)
    assert actions_for(bai) == [row]
    with pytest.raises(TeamworkError, match="in hand"):
        action_done(row, by=ma, at=SOON)
    action_done(row, by=bai, at=SOON)
    assert actions_for(bai) == []


def test_a_lesson_without_an_action_is_in_nobodys_hands(pair):
    """Even if somebody was chosen."""
    row = draw_lesson("tills", "Quiet days", action="", member=pair[1], due=None, by=pair[0], at=NOON)
    assert row.member is None


def test_a_change_model_is_approved_by_who_was_asked_and_as_it_was_read(pair):
    """Not by who asks, not by a requester, and not once it was edited."""
    ma, bai = pair
    other = add_member("ask-cao", by="root", at=NOON, roles=["approver"])
    model = load_model(SHIPPED / "database-switch.yaml")
    for person, why in ((bai, "two people"), (ma, "takes one of")):
        with pytest.raises(TeamworkError, match=why):
            ask_for_approval(model, person, by=bai, at=NOON)
    row = ask_for_approval(model, other, by=bai, at=NOON)
    assert ask_for_approval(model, other, by=bai, at=SOON).pk == row.pk
    assert approvals_for(other) == [row]
    edited = load_model(SHIPPED / "emergency-fix.yaml")
    with pytest.raises(TeamworkError, match="edited since"):
        answer_approval(row, edited, agrees=True, by=other, at=SOON)
    with pytest.raises(TeamworkError, match="only they answer"):
        answer_approval(row, model, agrees=True, by=bai, at=SOON)
    answer_approval(row, model, agrees=True, by=other, at=SOON)
    approval = approval_of(model_name(model))
    assert (approval.by, approval.agreed_by, approval.holds) == ("ask-bai", "ask-cao", True)
    assert approvals_for(other) == []
