"""Kinds of evidence: the verdict that follows from each, beside a control's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.conf.language import Message
from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.kinds import Judged, Look, Paper, Probed, Rows, SignOff
from unfelt.engines.ledger.programs import CommandRan, Reported
from unfelt.engines.ledger.rules import Rules

CONTROLS = {control.id: control for control in load_playbook().controls}


def verdict(name: str, payload) -> str:
    """What follows for the control of that name."""
    return Rules.of(CONTROLS[name]).judge(payload)[0]


def looked(good: bool | None) -> Probed:
    """One look with that outcome, soon enough for any limit."""
    numbers = {"failed": float(good is False), "slowest": 0.1}
    return Probed(looks=(Look(target="a", good=good, saw="it"),), numbers=numbers)


def between(low, high):
    """Bounds of how often the budget was overrun."""
    return {"beyond_budget": (low, high)}


def reported(state: str) -> Reported:
    """A report of that state whose numbers would pass."""
    return Reported(
        format="JUnit", numbers={"failures": 0}, state=state, why=Message("so it was").plain(), reader=1
    )


@pytest.mark.parametrize(
    ("name", "payload", "expected"),
    [
        ("planning.risk", Rows(numbers={"unrated_touchpoints": 0}), "pass"),
        ("planning.risk", Rows(numbers={"unrated_touchpoints": 1}), "fail"),
        ("planning.risk", Rows(), "inconclusive"),
        ("testing.functional", Reported(format="JUnit", numbers={"failures": 0}), "pass"),
        ("testing.functional", Reported(format="JUnit", numbers={"failures": 2}), "fail"),
        ("testing.functional", reported("nothing"), "not_run"),
        ("testing.functional", reported("failed"), "not_run"),
        ("testing.functional", reported("little"), "inconclusive"),
        ("testing.functional", reported("broken"), "fail"),
        (
            "testing.functional",
            CommandRan(program="x", code=0, state="nothing", numbers={"failures": 0}),
            "not_run",
        ),
        ("testing.functional", CommandRan(program="x", code=1, state="nothing", numbers={"failures": 0}), "fail"),
        ("testing.functional", CommandRan(program="x", code=0, numbers={"failures": 0}), "pass"),
        ("testing.functional", CommandRan(program="x", code=1, numbers={"failures": 0}), "fail"),
        ("testing.functional", CommandRan(program="x", code=None, numbers={"failures": 0}), "not_run"),
        ("security.measures", Probed(), "not_run"),
        ("security.measures", looked(None), "not_run"),
        ("security.measures", looked(True), "pass"),
        ("security.measures", looked(False), "fail"),
        ("brand.maintain", looked(True), "pass"),
        ("brand.maintain", looked(False), "fail"),
        ("risk.rate", Judged(of="x", numbers={"beyond_budget": 0.009}, bounds=between(0, 0.009)), "pass"),
        ("risk.rate", Judged(of="x", numbers={"beyond_budget": 0.139}, bounds=between(0, 0.139)), "inconclusive"),
        ("risk.rate", Judged(of="x", numbers={"beyond_budget": 0.3}, bounds=between(0.02, 0.3)), "fail"),
        ("risk.rate", Judged(of="x", numbers={"beyond_budget": 0.009}, is_open=True), "inconclusive"),
        ("brand.position", Paper(name="a", digest="", missing=("Promise",), numbers={"fit": 1}), "fail"),
        ("brand.position", Paper(name="a", digest="", numbers={"fit": 0.6}), "pass"),
        ("team.form", SignOff(), "pass"),
        ("team.form", SignOff(refused=True), "fail"),
        ("team.form", SignOff(announced=True), "inconclusive"),
    ],
)
def test_the_verdict_follows_from_what_the_evidence_holds(name, payload, expected):
    """What could not run never passes, no number decides nothing, another exit code than 0 fails."""
    assert verdict(name, payload) == expected


def test_a_report_on_record_before_is_judged_as_it_was():
    """Without the fields that came later."""
    old = {"numbers": {"failures": 0, "tests": 0}, "format": "JUnit", "tool": "a", "against": "b.xml"}
    payload = Reported.model_validate(old)
    assert (verdict("testing.functional", payload), payload.reader, payload.state) == ("pass", 0, "ran")
    assert payload.model_dump(mode="json", exclude_defaults=True) == old
    command = CommandRan.model_validate({"numbers": {"failures": 0}, "program": "x", "code": 0})
    assert verdict("testing.functional", command) == "pass"


def test_without_any_limit_only_what_speaks_for_itself_passes():
    """Failures that no limit asks about are no pass; a program that ended well is."""
    rules = Rules({}, {})
    assert rules.judge(Reported(format="JUnit", numbers={"failures": 2}))[0] == "inconclusive"
    assert rules.judge(Rows())[0] == "inconclusive"
    assert rules.judge(CommandRan(program="x", code=0))[0] == "pass"
    assert rules.judge(Paper(name="a", digest=""))[0] == "pass"


def test_a_number_of_the_limits_own_name_comes_before_the_one_it_is_read_from():
    """`reads` helps where the limit's name is not there."""
    both = Reported(format="JUnit", numbers={"failures": 0, "unexplained_differences": 3})
    assert verdict("testing.functional", both) == "fail"


@given(st.sampled_from(sorted(CONTROLS)))
def test_rules_are_the_same_after_the_ledger(name):
    """Written down and read again, a control's rules judge as before."""
    rules = Rules.of(CONTROLS[name])
    assert Rules.read(rules.texts()) == rules


@given(st.sampled_from(sorted(CONTROLS)), st.dictionaries(st.text(max_size=9), st.floats(-1e9, 1e9), max_size=4))
def test_a_payload_is_the_same_after_the_ledger_and_judges_the_same(name, numbers):
    """Whatever its numbers."""
    rules, payload = Rules.of(CONTROLS[name]), Rows(numbers=numbers)
    again = type(payload).model_validate(payload.model_dump(mode="json", exclude_defaults=True))
    assert again == payload
    assert rules.judge(again)[0] == rules.judge(payload)[0]


@given(st.sampled_from(sorted(CONTROLS)), st.data())
def test_more_room_never_makes_a_pass_fail(name, data):
    """Numbers that pass still pass when each is moved away from its limit."""
    limits = CONTROLS[name].limits
    numbers = {limit: data.draw(st.floats(0, 1e6)) for limit in limits}
    better = {limit: value + (1 if limits[limit].sense == ">=" else -1) for limit, value in numbers.items()}
    if verdict(name, Rows(numbers=numbers)) == "pass":
        assert verdict(name, Rows(numbers=better)) == "pass"
