"""Corrections: both records stay, one of them counts, and what unfelt measured is not corrected by anybody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.gates.actions import add_evidence, control_of, sign
from unfelt.engines.ledger.gates.decide import evaluate
from unfelt.engines.ledger.gates.drafting import About, Correction
from unfelt.engines.ledger.gates.facts import Evidence, GateError, part_digests
from unfelt.engines.ledger.gates.reading import counted_of, evidence_of, facts_of
from unfelt.engines.ledger.gates.standing import Case
from unfelt.engines.ledger.gates.superseding import current, superseded, why_not
from unfelt.engines.ledger.kinds import Look, Paper, Probed, Rows
from unfelt.engines.ledger.programs import Reported

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLAYBOOK = load_playbook()
CONTROLS = {control.id: control for control in PLAYBOOK.controls}
PLAN = {
    "unfelt": 1,
    "change": {"id": "split", "title": "Split", "owner": "lin", "tier": "major"},
    "experience": {"customer": "cookie:u", "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}]},
    "guard": {"impact_budget": "100 customers"},
}


def change(name):
    """A change of that name."""
    return Change.model_validate({**PLAN, "change": {**PLAN["change"], "id": name}})


def bring(name, payload, *, by="lin", corrects=None, days=0, control="team.form"):
    """On record, by that person; the number."""
    about, at = About.change(change(name)), NOW + timedelta(days=days)
    return add_evidence(about, CONTROLS[control], payload, at=at, by=by, corrects=corrects).number


def rows(people):
    """So many people a skill: two are due."""
    return Rows(numbers={"people_per_skill": float(people)})


def state(name, control="team.form"):
    """Where the control stands by what is on record."""
    evidence, waivers = facts_of(name, None)
    about = About.change(change(name))
    found = evaluate(PLAYBOOK, Case(about.plan, "major", {}, NOW + timedelta(days=1)), evidence, waivers)
    return next(one for one in found.controls if one.control.id == control)


def test_a_correction_keeps_both_and_names_its_reason():
    """The first record is on record and does not count; the second says in whose place it is and why."""
    first = bring("both", rows(3))
    second = bring("both", rows(1), corrects=Correction(first, " Counted the wrong team "))
    assert [one.number for one in evidence_of("both")] == [first, second]
    (counts,) = counted_of("both")
    assert (counts.number, counts.supersedes, counts.because) == (second, first, "Counted the wrong team")
    assert state("both").state == "fail"


def test_a_failure_that_was_stated_is_corrected_by_who_stated_it():
    """And by nobody else."""
    first = bring("own", rows(1))
    with pytest.raises(GateError, match="nobody but lin"):
        bring("own", rows(2), by="zhao", corrects=Correction(first, "A slip"))
    bring("own", rows(2), by="lin@shop.example", corrects=Correction(first, "A slip"))
    assert state("own").state == "stated"


def test_a_failure_that_was_read_stays_until_a_report_passes():
    """It is no slip of the pen; a pass that was read of the wrong file may be corrected."""
    broken = Reported(format="JUnit", numbers={"failures": 1.0}, typed=(), reader=1)
    good = broken.model_copy(update={"numbers": {"failures": 0.0}})
    first = bring("read", broken, control="testing.functional")
    with pytest.raises(GateError, match="stays until a newer report passes"):
        bring("read", good, control="testing.functional", corrects=Correction(first, "Flaky"))
    second = bring("read", good, control="testing.functional")
    bring("read", broken, control="testing.functional", corrects=Correction(second, "That was another build"))
    assert state("read", "testing.functional").state == "fail"


def test_what_unfelt_measured_is_corrected_by_nobody():
    """A probe that looked is answered by looking again."""
    looked = Probed(looks=(Look(target="a", good=False, saw="500"),), numbers={"failed": 1.0})
    first = bring("ours", looked, control="brand.maintain", by="")
    with pytest.raises(GateError, match="a new run answers it"):
        bring("ours", looked, control="brand.maintain", by="", corrects=Correction(first, "It was me"))


def test_a_signature_is_corrected_by_who_gave_it():
    """By another signature of theirs, or a refusal."""
    about = change("signed")
    given = {"at": NOW, "refuse": "Nobody knows the store"}
    control = control_of(PLAYBOOK, "team.form")
    first = sign(about, PLAYBOOK, control, by="wang", at=NOW).number
    with pytest.raises(GateError, match="nobody but wang"):
        sign(about, PLAYBOOK, control, by="zhao", corrects=Correction(first, "No"), **given)
    sign(about, PLAYBOOK, control, by="wang", corrects=Correction(first, "I signed the wrong one"), **given)
    assert state("signed").state == "fail"


@pytest.mark.parametrize(
    ("number", "because", "payload", "said"),
    [
        ("first", " ", rows(2), "Say why it is corrected"),
        ("first", "x" * 3000, rows(2), "too long"),
        ("first", "x", Rows(), "It holds no number"),
        ("none", "x", rows(2), "no evidence about"),
        ("other", "x", rows(2), "no evidence about"),
        ("control", "x", rows(2), "no evidence for this control"),
        ("gone", "x", rows(2), "was corrected already"),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_nothing_is_written(number, because, payload, said):
    """No reason, another change or control, a record that was corrected before."""
    name = f"refused-{number}-{len(because)}-{len(payload.numbers)}"
    first = bring(name, rows(3))
    numbers = {"first": first, "none": 10**9, "gone": first}
    if number == "other":
        numbers["other"] = bring(f"{name}-other", rows(3))
    if number == "control":
        numbers["control"] = bring(name, Paper(name="x", digest="", numbers={"a": 1}), control="risk.identify")
    if number == "gone":
        bring(name, rows(2), corrects=Correction(first, "Once"))
    before = len(list(evidence_of(name)))
    with pytest.raises(GateError, match=said):
        bring(name, payload, corrects=Correction(numbers[number], because))
    assert len(list(evidence_of(name))) == before


NAMES = ("team.form", "testing.functional", "brand.maintain")
HOW = {"rows": "stated", "sign-off": "signed", "command": "read", "report": "read", "probe": "observed"}


@st.composite
def chains(draw):
    """Records of three controls, each newer than the one before, some in the place of an earlier one."""
    found = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        name = draw(st.sampled_from(NAMES))
        kind = draw(st.sampled_from(CONTROLS[name].evidence))
        one = Evidence(
            control=name,
            kind=kind,
            verdict=draw(st.sampled_from(["pass", "fail", "inconclusive", "not_run"])),
            found_at=NOW - timedelta(days=draw(st.floats(0, 60))),
            parts=part_digests(PLAN, CONTROLS[name].relies_on),
            by=draw(st.sampled_from(["lin", "zhao"])),
            number=number,
            origin=HOW[kind],
            supersedes=draw(st.integers(0, number)),
        )
        found.append(one)
    return found


def holding(evidence):
    """For each gate, what holds it."""
    found = evaluate(PLAYBOOK, Case(PLAN, "major", {}, NOW), evidence, ())
    return {one.gate: {held.control.id for held in one.holding} for one in found.gates}


@given(chains())
@settings(max_examples=150)
def test_a_corrected_record_counts_as_if_it_had_never_been(evidence):
    """And a record that says in whose place it is counts by itself like any other."""
    gone = superseded(evidence)
    left = [replace(one, supersedes=0) for one in evidence if one.number not in gone]
    assert holding(evidence) == holding(left)


@given(chains())
@settings(max_examples=150)
def test_no_correction_takes_away_what_was_measured_or_a_failure_that_was_read(evidence):
    """Whatever anybody wrote into the ledger: what decides does not believe it."""
    kept = {one.number for one in current(evidence)}
    firm = [one for one in evidence if one.origin == "observed" or (one.origin, one.verdict) == ("read", "fail")]
    assert {one.number for one in firm} <= kept
    assert all(why_not(one, new) is None for one in evidence if (new := superseded(evidence).get(one.number)))


@given(chains(), st.sampled_from(NAMES), st.data())
@settings(max_examples=150)
def test_adding_passing_evidence_in_nobodys_place_never_shuts_a_gate(evidence, name, data):
    """With corrections on record too."""
    kind = data.draw(st.sampled_from(CONTROLS[name].evidence))
    parts = part_digests(PLAN, CONTROLS[name].relies_on)
    more = Evidence(name, kind, "pass", NOW, parts, by="lin", number=99, origin=HOW[kind])
    before, after = holding(evidence), holding([*evidence, more])
    assert all(after[gate] <= before[gate] for gate in before)
