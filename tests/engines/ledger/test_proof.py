"""The proof report."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plans import plan
from unfelt.conf.language import Message, in_language
from unfelt.documents.bilingual import Bilingual
from unfelt.engines.ledger.proof import Case, Record, proof_report

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def said(text: str) -> dict[str, Any]:
    """A sentence as the ledger keeps it."""
    return Message(text).plain()


def decision(minute: int, *, action: str = "hold", customers: int = 10, trouble: str | None = None) -> Record:
    """A decision on so many customers of each arm, so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    body = {
        "until": at.isoformat(),
        "tallies": [
            ["new", 0.5, None, None, "anything", customers, 0],
            ["old", 0.5, None, None, "anything", customers, 0],
            ["new", 0.5, None, "device=phone", "anything", customers, 0],
            ["new", 0.5, None, None, "failed", customers, 0],
        ],
        "trouble": trouble and said(trouble),
        "action": action,
        "share": 0.5,
        "because": said(f"{action} said"),
    }
    return Record("decision", at, body)


def order(minute: int, state: str, *, step: int = 0) -> Record:
    """An order, so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    return Record("order", at, {"state": state, "share": 0.5, "step": step, "because": said(f"{state} because")})


def report(*records: Record, status: dict[str, Any] | None = None, title: object = "Split") -> dict[str, Any]:
    """The report of a rollout with that chain, of a change with that title."""
    given = {
        "because": said("the newest word"),
        "budget": 40,
        "affected": {"at_most": 7, "estimate": 1.5, "confidence": 0.99},
        "customers": {"old": 20, "new": 20},
        "exposed": 25,
        "cells": [],
        "excluded": {"share_change": 5, "lapse": 0},
    }
    change = plan()
    change = change.model_copy(update={"change": change.change.model_copy(update={"title": title})})
    case = Case(change, "split-1", "d" * 64, 1, "done", NOON, NOON, {**given, **(status or {})}, "h" * 64)
    return proof_report(case, records)


def test_customers_of_each_hour_are_counted_once():
    """Hours covered come from the composite of everybody, not from its parts."""
    covered = report(decision(1), decision(2), decision(61))["covered"]
    assert covered["hours"] == [
        {"hour": "2026-11-23T12:00Z", "customers": 40},
        {"hour": "2026-11-23T13:00Z", "customers": 20},
    ]


def test_the_reason_is_that_of_the_first_promotion():
    """What came after it (the climb, the soak) decided nothing."""
    chain = (order(1, "watching"), order(2, "promoting"), order(3, "promoting", step=1), order(4, "soaking"))
    assert report(*chain)["because"] == "promoting because"


def test_the_reason_of_going_back_is_the_order_to_go_back():
    """Whatever the guard says afterwards."""
    assert report(order(2, "promoting"), order(3, "back"), decision(4))["because"] == "back because"


def test_what_is_left_for_a_next_attempt_is_the_budget_less_the_affected():
    """At most so many were affected, so at least so many are left."""
    assert report()["affected"]["left_for_next_attempt"] == 33


def test_what_was_not_measured_is_listed():
    """The window's end, the hours not seen, windows cut and looks that could not be believed."""
    lines = report(decision(1, trouble="no log"), decision(2, trouble="no log"))["not_measured"]
    assert "5 windows cut by a change of share" in lines
    assert "2 looks at which no log" in lines
    assert "harm that shows itself later than 60 s after a customer's first meeting" in lines
    assert not any("lapse" in line for line in lines)


def test_a_router_that_did_not_confirm_is_told():
    """Going back holds by the closed lease alone then: the reader is told why."""
    silent = order(3, "back")
    silent.body["unconfirmed"] = "Envoy does not answer."
    told = report(silent, decision(4))["because"]
    assert told == "back because The router itself did not confirm it: Envoy does not answer."


def test_the_log_tells_orders_and_what_people_did():
    """Every line has a time, who, and why."""
    confirmed = Record("confirmed", NOON, {"action": "promote", "share": 0.75, "by": "lin", "because": said("so")})
    log = report(order(0, "watching"), confirmed)["log"]
    assert [(line["by"], line["action"], line["because"]) for line in log] == [
        ("guard", "watching", "watching because"),
        ("lin", "promote", "so"),
    ]


@pytest.mark.parametrize(("language", "title"), [("en", "Split checkout"), ("zh", "拆分结账")])
def test_the_change_is_named_in_the_readers_language_with_both_beside_it(language, title):
    """A title in one language is both."""
    both = {"en": "Split checkout", "zh": "拆分结账"}
    with in_language(language):
        named = report(title=Bilingual(**both))["change"]
    assert (named["title"], named["titles"]) == (title, both)
    assert report()["change"]["titles"] == {"en": "Split", "zh": "Split"}
