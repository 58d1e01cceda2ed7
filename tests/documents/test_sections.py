"""The sections of a plan: what they hold, and what must fit together between them."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.documents.load import CHANGE, PROGRAMME, load_text
from unfelt.documents.moments import Money, parse_day, parse_moment, parse_money
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.refusal import RefusalError
from unfelt.documents.revision import revise

FULL = """\
needs: [{id: peak, because: It times out, source: none, shown_by: A test}]
touches: [checkout]
as_is: {architecture: One process, pains: [It times out]}
adjusted: [{feedback: F-1, part: /rollout/soak, what: Longer}]
window: {from: "2026-12-01T02:00+08:00", to: "2026-12-01T08:00+08:00"}
steps:
  - {id: one, what: First, serves: peak, takes: 1h, may_take: 2h, by: lin, skill: operation}
  - {id: two, what: Then, serves: peak, by: lin, after: [one], no_return: true}
way_back: [{id: back, what: Back, by: wang}]
people:
  - {id: lin, name: lin@shop.example, roles: [owner], deputy: wang}
  - {id: wang, name: wang, away: [{from: "2026-12-02T00:00Z", to: "2026-12-03T00:00Z"}]}
risks:
  - {id: r, kind: technical, on: checkout, what: It breaks, chance: 5%, affects: 40 customers, response: reduce,
     barrier: x, trigger: failed}
costs: {budget: CNY 100, items: [{what: Work, amount: CNY 50, at_most: CNY 80.50}]}
duties: [{duty: notice, met_by: A letter}]
courses: [{about: checkout, audience: Support, how: An hour}]
partners: [{name: Host, part: Runs it, papers_until: 2027-01-31}]
criteria: [{says: No errors, metric: failed}]
probes: [{control: brand.maintain, target: "https://shop.example/", expect: Street, within: 5s}]
"""


def test_a_plan_with_every_section_holds_and_one_without_keeps_its_digest(least, change):
    """What was left out is not in the canonical form."""
    full = load_text(least + FULL, CHANGE, file="change.yaml").document
    assert full.window is not None
    assert full.window.start == datetime(2026, 11, 30, 18, tzinfo=UTC)
    assert full.steps[0].may_take == timedelta(hours=2)
    assert full.partners[0].papers_until == date(2027, 1, 31)
    assert full.costs is not None
    assert full.costs.items[0].at_most == Money("CNY", 80.5)
    assert '"steps"' not in revise(change).canonical


@pytest.mark.parametrize(
    ("old", "new", "field", "what"),
    [
        ("serves: peak, takes", "serves: peek, takes", "steps[0].serves", "no such need. Did you mean peak"),
        ("after: [one]", "after: [three]", "steps[1].after[0]", "no such step"),
        ("after: [one]", "after: [two]", "steps[1].after[0]", "wait for each other"),
        ("by: wang}]", "by: zhao}]", "way_back[0].by", "nobody of that name"),
        ("deputy: wang", "deputy: nobody", "people[0].deputy", "nobody of that name"),
        ("on: checkout", "on: cart", "risks[0].on", "does not touch"),
        ("trigger: failed", "trigger: fail", "risks[0].trigger", "no such metric"),
        ("chance: 5%", "chance: 5", "risks[0].chance", "a percentage"),
        ("metric: failed}]", "metric: slow}]", "criteria[0].metric", "no such metric"),
        ("about: checkout", "about: cart", "courses[0].about", "does not touch"),
        ("CNY 80.50", "USD 80.50", "costs.items[0].at_most", "not the budget's currency"),
        ("amount: CNY 50", "amount: 50", "costs.items[0].amount", "an amount of money is due"),
        ('to: "2026-12-01T08', 'to: "2026-12-01T01', "window.to", "ends before it begins"),
        ("T02:00+08:00", "T02:00", "window.from", "with its zone"),
        ("2027-01-31", "31.1.2027", "partners[0].papers_until", "a day is due"),
        ("https://shop.example/", "ftp://shop.example/", "probes[0].target", "what is to be looked at"),
        ("https://shop.example/", "tcp://shop.example", "probes[0].target", "what is to be looked at"),
        (
            "[{id: back, what: Back, by: wang}]",
            "[{id: a, what: A}, {id: a, what: B}]",
            "way_back[1].id",
            "there twice",
        ),
        ("response: reduce", "response: pray", "risks[0].response", "not known here"),
    ],
)
def test_what_does_not_fit_is_said_at_its_place(least, wrong, old, new, field, what):  # noqa: PLR0917
    """The field, and what is allowed."""
    assert old in FULL
    problems = wrong(least + FULL.replace(old, new)).problems
    assert [(one.field, what in str(one.sentence)) for one in problems] == [(field, True)]


@pytest.mark.parametrize(
    ("facts", "section", "field"),
    [
        ("partners: none", "partners: [{name: Host, part: Runs it}]", "partners"),
        ("customer_visible: false", "courses: [{about: checkout, audience: All, how: x}]", "customer_visible"),
        ("data_moved: false, personal_data: moved", "", "data_moved"),
    ],
)
def test_a_fact_denies_nothing_that_the_plan_itself_says(least, wrong, facts, section, field):
    """`partners: none` beside a partner would let controls be passed over that apply."""
    text = least.replace("owner: lin@shop.example", f"owner: lin@shop.example, facts: {{{facts}}}")
    problems = wrong(f"{text}touches: [checkout]\n{section}\n").problems
    assert [one.field for one in problems] == [f"change.facts.{field}"]


def test_a_standard_change_comes_from_a_model_or_says_why(least, wrong):
    """Nobody calls a change standard by writing the word."""
    text = least.replace("owner: lin@shop.example", "owner: lin@shop.example, tier: standard")
    assert [one.field for one in wrong(text).problems] == ["change.tier"]
    text = text.replace("tier: standard", "tier: standard, tier_because: A switch that nobody sees")
    assert load_text(text, CHANGE, file="change.yaml").document.change.tier == "standard"


def test_a_programme_is_read_or_refused():
    """Work recurs in days, each control once."""
    good = (
        "unfelt: 1\nprogramme: {id: house, title: {en: House, zh: 常态}}\nwork:\n"
        "  - {control: a.b, what: Drill, owner: lin, every: 90d, first: 2026-03-01}\n"
    )
    assert load_text(good, PROGRAMME, file="p.yaml").document.work[0].every == timedelta(days=90)
    twice = good + "  - {control: a.b, what: Again, owner: lin, every: 12h, first: 2026-03-01}\n"
    with pytest.raises(DocumentErrors) as caught:
        load_text(twice, PROGRAMME, file="p.yaml")
    assert [one.field for one in caught.value.problems] == ["work[1].control", "work[1].every"]


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1970 < moment.year < 2200), st.integers(-12, 14))
def test_a_moment_is_the_same_however_its_zone_is_written(moment, hours):
    """Read back from any zone it is the same point in time."""
    from datetime import timezone

    there = moment.astimezone(timezone(timedelta(hours=hours)))
    assert parse_moment(there.isoformat()) == moment


@given(st.integers(0, 10**12 - 1), st.integers(0, 99))
def test_money_is_read_as_it_is_written(whole, cents):
    """To the cent."""
    assert parse_money(str(parse_money(f"CNY {whole}.{cents:02}"))) == parse_money(f"CNY {whole}.{cents:02}")


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_refused(text):
    """Nothing but a refusal with its remedy."""
    for parse in (parse_moment, parse_day, parse_money):
        with suppress(RefusalError):
            parse(text)
