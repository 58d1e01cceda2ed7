"""Gates: what evidence, edits and time do to them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.gates.decide import evaluate
from unfelt.engines.ledger.gates.facts import Evidence, Waiver, part_digests
from unfelt.engines.ledger.gates.standing import Case
from unfelt.engines.ledger.kinds import Rows
from unfelt.engines.ledger.rules import Rules

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLAYBOOK = load_playbook()
PLAN = {
    "change": {"id": "split", "owner": "lin", "title": "Split"},
    "needs": [{"id": "peak"}],
    "touches": ["checkout"],
    "experience": {"metrics": [{"id": "failed"}]},
    "guard": {"impact_budget": "40 customers"},
    "rollout": {"soak": "10m", "writes": "Nothing."},
    "candidate": "git:" + "0" * 40,
}
ORIGINS = {
    **dict.fromkeys(("rows", "answers", "document"), "stated"),
    **dict.fromkeys(("command", "report"), "read"),
    "sign-off": "signed",
    "derived": "derived",
    "judgement": "derived",
    "probe": "observed",
    "rollout": "observed",
}
"""How evidence of each kind is come by."""
CASE = Case(PLAN, "normal", {}, NOW)
CONTROLS = {control.id: control for control in PLAYBOOK.controls}
NAMES = st.sampled_from(["planning.requirements", "backup.data", "testing.functional", "risk.rate", "team.form"])


def found(name, *, kind=None, verdict="pass", days=0.0, number=1, plan=PLAN, by="wang"):
    """Evidence of that control, of its strongest kind if none is named, so many days old, about the plan."""
    control = CONTROLS[name]
    parts = part_digests(plan, control.relies_on)
    at, kind = NOW - timedelta(days=days), kind or strongest(control)
    tried = PLAN["candidate"] if kind in ("command", "report", "rollout") else ""
    how = {"number": number, "origin": ORIGINS[kind], "candidate": tried}
    return Evidence(name, kind, verdict, at, parts, "seen", by, **how)


def strongest(control):
    """The kind that is worth most at any gate; a report is worth less than what unfelt ran itself."""
    worth = {"observed": 3, "derived": 2, "read": 1}
    return max(control.evidence, key=lambda kind: (worth.get(ORIGINS[kind], 0), kind == "command"))


def state(name, evidence, *, case=CASE, waivers=()):
    """Where the control stands."""
    return next(one for one in evaluate(PLAYBOOK, case, evidence, waivers).controls if one.control.id == name)


def everything(**changes):
    """Fresh passing evidence of the strongest kind for every control."""
    return [replace(found(control.id), **changes) for control in PLAYBOOK.controls]


@st.composite
def records(draw):
    """Evidence of any kind, verdict and age, some of it about an older plan, some of a programme."""
    name = draw(NAMES)
    plan = draw(st.sampled_from([PLAN, {**PLAN, "rollout": {}, "touches": []}]))
    one = found(
        name,
        kind=draw(st.sampled_from(CONTROLS[name].evidence)),
        verdict=draw(st.sampled_from(["pass", "fail", "inconclusive", "not_run"])),
        days=draw(st.floats(0, 400)),
        number=draw(st.integers(1, 99)),
        plan=plan,
    )
    return replace(one, programme=draw(st.sampled_from(["", "programme/house"])))


@st.composite
def waivers(draw):
    """Waivers that were given, ended or not."""
    given_at = NOW - timedelta(days=draw(st.floats(0, 60)))
    return Waiver(draw(NAMES), "why", "a", "b", given_at, given_at + timedelta(days=draw(st.floats(1, 90))))


def open_gates(evidence, *, case=CASE, waivers=()):
    """The gates that are open, and for each the controls that hold it."""
    result = evaluate(PLAYBOOK, case, evidence, waivers)
    return {one.gate: {held.control.id for held in one.holding} for one in result.gates}


@given(st.lists(records(), max_size=12), st.lists(waivers(), max_size=3), NAMES, st.data())
@settings(max_examples=120)
def test_adding_passing_evidence_never_shuts_a_gate(evidence, let, name, data):
    """Whatever is on record, one more pass about this plan holds nothing that was not held."""
    kind = data.draw(st.sampled_from(CONTROLS[name].evidence))
    more = found(name, kind=kind, days=data.draw(st.floats(0, 100)), number=data.draw(st.integers(1, 99)))
    before, after = open_gates(evidence, waivers=let), open_gates([*evidence, more], waivers=let)
    assert all(after[gate] <= before[gate] for gate in before)


@given(st.lists(records(), max_size=12), st.lists(waivers(), max_size=3), st.floats(0, 500))
@settings(max_examples=120)
def test_time_passing_never_opens_a_gate(evidence, let, days):
    """Evidence and waivers end; nothing begins to hold by waiting."""
    later = replace(CASE, now=NOW + timedelta(days=days))
    before, after = open_gates(evidence, waivers=let), open_gates(evidence, case=later, waivers=let)
    assert all(before[gate] <= after[gate] for gate in before)


@given(st.lists(records(), max_size=8), st.text(max_size=20))
@settings(max_examples=60)
def test_an_edit_outside_the_parts_relied_on_changes_nothing(evidence, text):
    """No control relies on what is written under `notes`."""
    edited = replace(CASE, plan={**PLAN, "notes": text})
    assert evaluate(PLAYBOOK, edited, evidence, ()) == evaluate(PLAYBOOK, CASE, evidence, ())


def test_an_edit_of_a_part_makes_exactly_its_controls_stale():
    """Other needs: what was said about requirements is stale, the backup is not."""
    edited = replace(CASE, plan={**PLAN, "needs": []})
    evidence = [found("planning.requirements"), found("backup.data")]
    assert state("planning.requirements", evidence, case=edited).state == "stale"
    assert state("backup.data", evidence, case=edited).state == "pass"


def test_with_everything_passed_all_gates_open_and_without_anything_none():
    """The two ends."""
    assert all(one.is_open for one in evaluate(PLAYBOOK, CASE, everything(), ()).gates)
    assert not any(one.is_open for one in evaluate(PLAYBOOK, CASE, (), ()).gates)


def test_a_gate_opens_only_behind_the_ones_before_it():
    """One open question at ready shuts go, proof and close, which nothing else holds."""
    evidence = [one for one in everything() if one.control != "backup.recovery"]
    gates = {one.gate: (one.is_open, one.behind) for one in evaluate(PLAYBOOK, CASE, evidence, ()).gates}
    assert gates["plan"] == (True, None)
    assert gates["ready"] == (False, None)
    assert gates["go"] == gates["proof"] == gates["close"] == (False, "ready")


@pytest.mark.parametrize("kind", ["sign-off", "rows"])
def test_a_word_is_not_a_measurement(kind):
    """Signed or typed, it opens plan for thirty days, never go; measured evidence beside it counts before it."""
    word = found("planning.resources", kind=kind)
    assert state("planning.resources", [word]).state == {"sign-off": "signed", "rows": "stated"}[kind]
    held = open_gates([word])
    assert ("planning.resources" in held["plan"], "planning.resources" in held["go"]) == (False, True)
    assert state("team.form", [found("team.form", kind=kind, days=31)]).state == "expired"
    measured = found("planning.resources", kind="command")
    assert state("planning.resources", [word, measured]).origin == "read"


def test_what_is_weaker_than_a_control_accepts_holds_every_gate():
    """A number that was typed beside a report is no test result, at ready either."""
    typed = replace(found("testing.functional", kind="report"), origin="stated")
    standing = state("testing.functional", [typed])
    assert standing.state == "weak"
    assert "it takes what is at least read" in str(standing.why)
    assert "testing.functional" in open_gates([typed])["ready"]


def test_a_report_that_somebody_brings_opens_ready_and_no_proof():
    """At go and proof another tool's word counts from a run of unfelt on the candidate that the plan names."""
    brought, ran = found("testing.functional", kind="report"), found("testing.functional", kind="command")
    assert state("testing.functional", [brought]).state == "pass"
    assert "testing.functional" not in open_gates([brought])["ready"]
    assert "testing.functional" in open_gates([brought])["proof"]
    assert "testing.functional" not in open_gates([brought, ran])["proof"]
    unnamed = replace(CASE, plan={**PLAN, "candidate": None})
    nobody = [replace(ran, candidate="")]
    assert "testing.functional" in open_gates(nobody, case=unnamed)["proof"]


def test_another_candidate_makes_what_was_tried_stale():
    """Another build at the same address was not tried; what tried nothing stands."""
    other = replace(CASE, plan={**PLAN, "candidate": "git:" + "1" * 40})
    tried, looked = found("testing.functional"), found("brand.maintain")
    standing = state("testing.functional", [tried], case=other)
    assert (standing.state, "another candidate" in str(standing.why)) == ("stale", True)
    assert state("brand.maintain", [looked], case=other).state == "pass"


def test_a_stronger_pass_is_not_weakened_by_a_later_word():
    """The report was read; what somebody typed the day after takes nothing from it."""
    read = found("testing.functional", kind="report", days=2)
    typed = replace(found("testing.functional", kind="report", days=1, number=2), origin="stated")
    assert state("testing.functional", [read, typed]).origin == "read"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([("report", "fail", 2), ("report", "pass", 1)], "pass"),
        ([("report", "pass", 2), ("report", "fail", 1)], "fail"),
        ([("report", "fail", 300), ("command", "pass", 1)], "fail"),
        ([("report", "not_run", 1), ("command", "pass", 1)], "pass"),
        ([("report", "inconclusive", 1)], "inconclusive"),
        ([("report", "pass", 31)], "expired"),
    ],
    ids=["mended", "broken since", "a failure stays", "another kind", "says too little", "too old"],
)
def test_the_newest_of_each_kind_counts(evidence, expected):
    """A failure is answered by its own kind alone; what could not run does not hold what did."""
    some = [
        found("testing.functional", kind=kind, verdict=verdict, days=days, number=number)
        for number, (kind, verdict, days) in enumerate(evidence, 1)
    ]
    assert state("testing.functional", some).state == expected


def test_facts_make_controls_not_applicable_and_say_so():
    """No data moves: backups are not asked for, with rule and fact."""
    case = replace(CASE, facts={"data_moved": "false"})
    standing = state("backup.data", (), case=case)
    assert standing.state == "not_applicable"
    assert "data_moved is false" in str(standing.why)
    assert state("backup.data", ()).state == "missing"


def test_a_waiver_opens_until_it_ends():
    """And names who gave it, who agreed, and why."""
    waiver = Waiver("backup.data", "read only", "lin", "wang", NOW - timedelta(days=1), NOW + timedelta(days=1))
    standing = state("backup.data", (), waivers=[waiver])
    assert standing.state == "waived"
    assert all(word in str(standing.why) for word in ("lin", "wang", "read only"))
    later = replace(CASE, now=NOW + timedelta(days=2))
    assert state("backup.data", (), case=later, waivers=[waiver]).state == "missing"


def test_an_emergency_moves_with_six_and_owes_the_rest():
    """The six before are asked at go; the debts hold its close."""
    case = replace(CASE, tier="emergency")
    before = [one for one in everything() if CONTROLS[one.control].emergency == "before"]
    gates = {one.gate: one for one in evaluate(PLAYBOOK, case, before, ()).gates}
    assert len(before) == 6
    assert gates["go"].is_open
    owed = {held.control.id for held in gates["close"].holding}
    assert owed == {control.id for control in PLAYBOOK.controls if control.emergency == "after"}


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ({"delivered": 0.99}, "pass"),
        ({"delivered": 0.97}, "fail"),
        ({}, "inconclusive"),
        ({"sent": 1.0}, "inconclusive"),
    ],
)
def test_numbers_beside_limits_are_the_verdict(numbers, verdict):
    """98 % have to be delivered; a number that is not there decides nothing."""
    assert Rules.of(CONTROLS["communication.customers"]).judge(Rows(numbers=numbers))[0] == verdict


def test_eighty_controls_with_fifty_records_each_are_evaluated():
    """4,000 records: the newest of each is found."""
    evidence = [replace(one, number=number) for number in range(1, 51) for one in everything()]
    result = evaluate(PLAYBOOK, replace(CASE, tier="major"), evidence, ())
    assert {one.state for one in result.controls} == {"pass", "stated"}
    assert {one.evidence.number for one in result.controls} == {50}
