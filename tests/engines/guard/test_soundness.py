"""Whether a recording as a whole can be believed."""

import pytest

from plans import plan
from unfelt.adapters.sources.account import Account, Lines
from unfelt.engines.guard.soundness import unproved, unsound


def account(old: Lines, new: Lines, *, customers: int = 500, servers: str = "") -> Account:
    return Account({"old": old, "new": new}, customers=customers, servers=servers)


def lines(lost: int = 0, *, of: int = 1000, nobody: int = 0, unknown: int = 0, kind: str = "unparsed") -> Lines:
    """So many lines of which some are lost."""
    return Lines(**{"lines": of, "read": of - lost, "nobody": nobody, "unknown": unknown, kind: lost})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (lines(), lines(), None),
        (lines(9), lines(10), None),
        (lines(11), lines(10), "21 of 2000 lines of the recording cannot be read"),
        (lines(11, kind="undecodable"), lines(10), "21 of 2000 lines"),
        (lines(0), lines(4), None),
        (lines(0), lines(12), "more than chance has it in one of them"),
        (lines(nobody=400), lines(nobody=410), None),
        (lines(nobody=400), lines(nobody=600), "name no customer"),
        (lines(unknown=501), lines(), "the outcome of 501 of 2000 rows is missing"),
        (lines(unknown=499), lines(unknown=3), None),
    ],
)
def test_what_is_lost_beyond_the_limit_or_chance_is_not_borne(old, new, said):
    """By part of all lines, between the arms, and where most outcomes are missing."""
    found = unsound(account(old, new), plan())
    assert (found is None) if said is None else (said in str(found))


def test_the_plan_sets_the_limit():
    """1 % where it does not say."""
    half = account(lines(300), lines(290))
    assert unsound(half, plan()) is not None
    assert unsound(half, plan(unread="50%")) is None


def test_missing_outcomes_beyond_the_limit_prove_nothing():
    """They are no reason against what counts them as bad."""
    some = account(lines(unknown=30), lines(unknown=30))
    assert (unsound(some, plan()), unproved(some, plan()) is None) == (None, False)
    assert unproved(account(lines(unknown=9), lines(unknown=9)), plan()) is None


@pytest.mark.parametrize(("customers", "servers"), [(1, ""), (40, "path"), (3, "server"), (2, "host")])
def test_customers_that_are_none_are_said(customers, servers):
    """One in all, or what looks like pages, servers or hosts."""
    assert unsound(account(lines(), lines(), customers=customers, servers=servers), plan()) is not None
