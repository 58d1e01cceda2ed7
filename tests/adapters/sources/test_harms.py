"""What a plan sees of each kind of harm, by asking its expressions and not by reading them."""

import histories
import pytest

from unfelt.adapters.sources.harms import HARMS, sights_of, unseen_by

STORE = {"database": "sqlite:///a.db", "query": "select number from orders"}


def sights(*metrics, **experience):
    """By kind of harm: the metrics that see it, with `~` where only in part."""
    given = [{"id": f"m{number}", "margin": "1%"} | one for number, one in enumerate(metrics)]
    change = histories.plan(metrics=given, later=[], **experience)
    return {one.harm.id: ("~" if one.is_partial else "") + ",".join(one.by) for one in sights_of(change) if one.by}


def test_the_usual_two_metrics_see_three_kinds():
    """A plan with errors and slowness is blind to refusals; who gave up has no answer, which is bad."""
    assert sights({"bad": "status >= 500"}, {"bad": "duration_ms > 800"}) == {
        "failed": "m0",
        "slow": "m1",
        "aborted": "~m0",
    }


@pytest.mark.parametrize(
    ("bad", "harm", "how"),
    [
        ("not (status < 400)", "refused", "m0"),
        ("status // 100 = 4", "not_found", "m0"),
        ("status in (413, 429)", "refused", "~m0"),
        ("path = '/pay' and status >= 400", "refused", "~m0"),
        ("path like '/pay%' and method = 'POST' and status between 400 and 499", "refused", "~m0"),
        ("regexp_matches(path, '^/docs/') and status = 404", "not_found", "~m0"),
        ("path = '/pay' and duration_ms > 800", "slow", "~m0"),
        ("contains(flags, 'DC')", "aborted", "~m0"),
        ("regexp_matches(flags, 'DC|UC') or status is null", "aborted", "m0"),
        ("status between 300 and 399", "redirected", "m0"),
        ("bytes < 100", "content", "~m0"),
        ("kept = '0'", "content", "~m0"),
        ("status <> 200 and status <> 404", "failed", "m0"),
    ],
)
def test_an_expression_is_asked_whatever_way_it_is_written(bad, harm, how):
    """In part: some answers of the kind, or only on some paths."""
    assert sights({"bad": bad}, columns={"kept": "response:x-kept"}).get(harm) == how


def test_what_is_bad_anyhow_sees_nothing():
    """A metric that takes good answers for bad tells no kind of harm from another."""
    assert sights({"bad": "status >= 200"}, {"bad": "false"}) == {}


def test_waits_counts_and_scores_are_asked_too():
    """By their amounts: more than for a good answer."""
    found = sights({"slow": "duration_ms"}, {"count": "status = 429"}, {"score": "duration_ms / 1000"})
    assert {kind: found[kind] for kind in ("slow", "refused")} == {"slow": "m0,m2", "refused": "~m1"}


@pytest.mark.parametrize(
    ("given", "query", "expected"),
    [
        ({}, "select number from orders", {"lost", "doubled"}),
        ({"copies": "any"}, "select number from orders", {"lost"}),
        ({}, "select distinct number from orders", {"lost"}),
        ({"value": "total"}, "select number, total from orders", {"lost", "doubled", "wrong"}),
    ],
)
def test_stores_are_seen_as_far_as_the_plan_asks_them(given, query, expected):
    """Copies that the query hides are not seen."""
    store = STORE | {"query": query}
    source = {"kind": "reconciliation", "promise": "order", "old": store, "new": store} | given
    columns = {"order": "response:x-order", "total": "response:x-total"}
    assert set(sights({"source": "kept"}, sources={"kept": source}, columns=columns)) == expected


def test_numbers_of_a_recording_are_asked_as_numbers():
    """A column that only a recording has may be a number."""
    assert sights({"bad": "rating < 3"})["content"] == "~m0"


def test_what_is_unseen_is_said():
    """In the words of the harm."""
    blind = unseen_by(histories.plan(metrics=[{"id": "m", "margin": "1%", "bad": "status >= 400"}]))
    assert len(blind) == len(HARMS) - 4
    assert "slow answers" in [str(one) for one in blind]
