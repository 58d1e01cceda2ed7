"""What a plan says about itself: each number, and the rows that are wanting."""

import doctest
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook
from unfelt.documents.sections import Step
from unfelt.engines.ledger.rules import Rules
from unfelt.engines.planning import schedule
from unfelt.engines.planning.assess import ASSESSED, Around, assess
from unfelt.engines.planning.schedule import chance_beyond_budget, chance_in_time, ends, usual

NOW = datetime(2026, 11, 27, tzinfo=UTC)
PLAYBOOK = load_playbook()
BASE = {
    "unfelt": 1,
    "change": {"id": "a", "title": "A", "owner": "lin", "facts": {"personal_data": "moved"}},
    "needs": [{"id": "peak", "because": "b", "source": "none", "shown_by": "A test"}],
    "touches": ["checkout"],
    "experience": {"customer": "cookie:u", "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}]},
    "guard": {"impact_budget": "100 customers"},
    "window": {"from": "2026-12-01T00:00Z", "to": "2026-12-01T06:00Z"},
    "steps": [
        {"id": "one", "what": "x", "serves": "peak", "takes": "1h", "may_take": "3h", "by": "lin", "skill": "db"},
        {"id": "two", "what": "x", "serves": "peak", "takes": "1h", "by": "wang", "after": ["one"]},
    ],
    "way_back": [
        {"id": "b", "what": "x", "takes": "10m", "may_take": "20m"},
        {"id": "c", "what": "x", "after": ["b"]},
    ],
    "people": [{"id": "lin", "name": "lin", "skills": ["db"], "deputy": "wang"}, {"id": "wang", "name": "w"}],
    "risks": [
        {
            "id": kind,
            "kind": kind,
            "on": "checkout",
            "what": "x",
            "chance": "10%",
            "affects": "60 customers",
            "response": "reduce",
            "barrier": "a test",
            "trigger": "failed",
        }
        for kind in ("technical", "business", "experience")
    ],
    "costs": {"budget": "CNY 100", "items": [{"what": "w", "amount": "CNY 60", "at_most": "CNY 110"}]},
    "duties": [{"duty": "impact-assessment", "met_by": "a paper"}],
    "courses": [{"about": "checkout", "audience": "x", "how": "y"}],
    "partners": [{"name": "Host", "part": "runs it", "papers_until": "2027-01-31"}],
    "criteria": [{"says": "No errors", "metric": "failed"}],
}


def found(around: Around | None = None, **changes):
    """Every number of the plan with these parts changed."""
    return assess(Change.model_validate(BASE | changes), around or Around(NOW, PLAYBOOK.obligations))


def wanting(name: str, around: Around | None = None, **changes) -> list[str]:
    """The rows that are wanting for the number."""
    return [str(row) for row in found(around, **changes)[name].wanting]


def test_a_whole_plan_gives_every_number_and_nothing_is_wanting():
    """But for the skill that only one person has."""
    numbers = {name: one.value for name, one in found().items()}
    assert set(numbers) == set(ASSESSED)
    assert {name: value for name, value in numbers.items() if value == 0} == {
        name: 0.0
        for name in ASSESSED
        if name
        not in ("people_per_skill", "schedule_confidence", "budget_confidence", "recovery_time", "beyond_budget")
    }
    assert (numbers["people_per_skill"], numbers["recovery_time"]) == (1, 30 * 60)
    assert 0.7 < numbers["budget_confidence"] < 0.97
    assert numbers["schedule_confidence"] == 1


def test_a_plan_without_sections_gives_no_number_about_them():
    """No data is neither success nor failure."""
    bare = {name: BASE[name] for name in ("unfelt", "experience", "guard")}
    change = Change.model_validate(bare | {"change": {"id": "a", "title": "A", "owner": "lin"}})
    assert assess(change, Around(NOW, PLAYBOOK.obligations)) == {}


def step(**changes):
    """The first step with these parts changed, and the second."""
    return [BASE["steps"][0] | changes, BASE["steps"][1]]


def risk(**changes):
    """The first risk with these parts changed, and the others."""
    return [BASE["risks"][0] | changes, *BASE["risks"][1:]]


@pytest.mark.parametrize(
    ("number", "changes", "row"),
    [
        ("orphan_steps", {"steps": step(serves=None)}, "step one serves no need"),
        ("untested_needs", {"needs": [{"id": "peak", "because": "b"}]}, "nothing will show that need peak is met"),
        ("without_source", {"needs": [{"id": "peak", "because": "b"}]}, "does not say where it is known from"),
        ("unrated_touchpoints", {"touches": ["checkout", "cart"]}, "cart has no rated way to fail"),
        ("unrated_touchpoints", {"risks": risk(on=None)[:1]}, "checkout has no rated way to fail"),
        ("classes_missing", {"risks": BASE["risks"][:2]}, "no risk of kind experience"),
        ("overbooked", {"steps": step(by=None)}, "nobody is named for one"),
        ("open_duties", {"duties": []}, "obligation impact-assessment is due"),
        ("groups_without_course", {"touches": ["checkout", "cart"]}, "nobody is taught about cart"),
        ("expired_papers", {"partners": [{"name": "Host", "part": "x"}]}, "the papers of Host end"),
    ],
)
def test_what_is_wanting_is_named(number, changes, row):
    """One row, with the part that it is about."""
    rows = wanting(number, **changes)
    assert len(rows) == 1
    assert row in rows[0]


def test_two_steps_of_one_person_at_once_and_absences_without_a_deputy_are_found():
    """By when the steps fall in the window."""
    both = [BASE["steps"][0], BASE["steps"][1] | {"by": "lin", "after": []}]
    assert wanting("overbooked", steps=both) == ["lin has one and two at the same time"]
    off = [{"from": "2026-12-01T00:00Z", "to": "2026-12-01T00:30Z"}]
    people = [BASE["people"][0] | {"away": off}, BASE["people"][1]]
    assert wanting("overbooked", people=people) == []  # The deputy is there.
    people[1] = people[1] | {"away": off}
    assert wanting("overbooked", people=people) == ["lin is away during one, and so is their deputy"]


def test_facts_select_the_obligations():
    """A fact that is not so asks for nothing; without facts nothing is known."""
    assert found(change=BASE["change"] | {"facts": {"personal_data": "none"}}, duties=[])["open_duties"].value == 0
    assert "open_duties" not in found(change={"id": "a", "title": "A", "owner": "lin"})


def test_every_number_of_the_plan_answers_a_control_of_the_playbook():
    """None is computed for nobody."""
    asked = set()
    for control in PLAYBOOK.controls:
        if "rows" in control.evidence:
            asked |= {control.reads.get("rows", {}).get(name, name) for name in control.limits}
    assert set(ASSESSED) <= asked
    assert Rules.of(PLAYBOOK.controls[0]).limits


durations = st.integers(1, 600).map(lambda minutes: timedelta(minutes=minutes))


@given(st.lists(st.tuples(durations, durations, st.integers(0, 9)), min_size=1, max_size=6))
def test_a_plan_with_more_time_is_in_time_at_least_as_likely(given_steps):
    """And with all the time of its worst steps one after the other, surely."""
    steps = [
        Step(
            id=f"s{n}", what="x", takes=min(a, b), may_take=max(a, b), after=(f"s{before}",) if before < n else ()
        )
        for n, (a, b, before) in enumerate(given_steps)
    ]
    whole = sum((one.may_take or one.takes for one in steps), timedelta())
    chances = [chance_in_time(steps, whole * part) for part in (0.3, 0.6, 1.0)]
    assert chances == sorted(chances)
    assert chances[-1] == 1
    last = max(float(end[0]) for end in ends(steps, usual(steps)).values())
    assert last <= whole.total_seconds()


def test_the_chance_of_a_joint_overrun_is_that_of_the_binomial():
    """Three risks of 10 % and 60 customers each against 100: two or three happen, 2.8 % of the time."""
    change = Change.model_validate(BASE)
    assert abs(chance_beyond_budget(change.risks, 100) - 0.028) < 0.005


def test_examples_in_docstrings_run():
    """Of the schedule."""
    result = doctest.testmod(schedule)
    assert (result.failed, result.attempted > 0) == (0, True)
