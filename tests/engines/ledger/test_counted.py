"""How every request counts, and who is not counted."""

import pytest

from unfelt.documents.change import Change
from unfelt.engines.ledger.counted import cut_of, table_of, uncounted


def a_change(**rollout: object) -> Change:
    """A plan with a rollout."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "split", "title": "Split", "owner": "lin"},
            "experience": {
                "customer": "cookie:uid",
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "10 customers"},
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2", **rollout},
        }
    )


def test_the_table_adds_up_to_all_requests():
    """Each kind that was seen has a row, in one order."""
    asked = {"requests": {"anonymous": 30, "old": 50, "new": 15, "pinned": 5}}
    rows = table_of({"asked": asked})
    assert [(row["kind"], row["requests"]) for row in rows] == [
        ("old", 50),
        ("new", 15),
        ("pinned", 5),
        ("anonymous", 30),
    ]
    assert sum(row["part"] for row in rows) == pytest.approx(1)


def test_a_rollout_of_an_older_unfelt_has_no_table():
    """Its status does not tell."""
    assert (table_of({}), cut_of({}), uncounted({}, a_change())) == ([], [], [])


@pytest.mark.parametrize(
    ("n", "total", "warned"), [(4, 100, False), (5, 100, True), (9, 19, False), (10, 20, True)]
)
def test_requests_without_an_id_are_warned_of_from_a_twentieth_on(n, total, warned):
    """Once twenty requests have come."""
    asked = {"requests": {"anonymous": n, "old": total - n}, "anonymous": [["/docs/{n}", n]]}
    assert bool(uncounted(asked, a_change())) == warned


@pytest.mark.parametrize(
    ("rule", "until"), [("follow", "on old until the rollout is done"), ("old", "on old also once")]
)
def test_the_warning_says_where_they_go_and_where_they_are_served(rule, until):
    """By the plan's rule; beyond the routes that are told apart there are others."""
    asked = {"requests": {"anonymous": 50, "new": 50}, "anonymous": [["/docs", 30], ["", 20]]}
    said = str(uncounted(asked, a_change(anonymous=rule))[0])
    assert said.startswith("50% of the requests (50 of 100) carry no id")
    assert until in said
    assert said.endswith("/docs (30), … (20)")


def test_an_id_that_many_share_is_named():
    """By the beginning of its pseudonym."""
    said = str(uncounted({"shared": [["0ff1ce00", 400, 12]]}, a_change())[0])
    assert said.startswith("customer 0ff1ce00… asks far more often than others (400 requests, from 12 programs")


def test_what_was_cut_of_the_compared_is_said():
    """Windows, and outcomes that stayed unknown."""
    status = {"excluded": {"share_change": 3, "lapse": 0, "pinned": 2}, "intake": {"unknown": 4}}
    assert [str(line) for line in cut_of(status)] == [
        "3 windows cut by a change of share",
        "4 outcomes stayed unknown, and count as bad",
    ]
