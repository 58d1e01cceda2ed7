"""unfelt evidence: looking before recording, and correcting what is on record."""

import json

import pytest

from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.records.models import Entry

ADD = "evidence add planning.risk --kind rows"


def on_record(desk):
    """What is on record for the change of the test."""
    name = desk.plan.read_text().partition("{id: ")[2].partition(",")[0]
    return list(evidence_of(name))


@pytest.mark.parametrize(("number", "code", "mark"), [("0", 0, "✓"), ("2", 1, "✗")])
def test_a_preview_says_the_verdict_and_records_nothing(desk, number, code, mark):
    """With the exit code that it would have; numbers beside limits, origin and gates."""
    before = Entry.objects.count()
    told = desk(ADD, str(desk.plan), "--number", f"unrated_touchpoints={number}", "--preview")
    assert (told.exit_code, Entry.objects.count()) == (code, before)
    assert f"{mark} unrated_touchpoints = {number} (<= 0)" in told.stdout
    assert "It would count as stated." in told.stdout
    assert "Nothing is on record: leave out --preview." in told.stdout


def test_a_preview_as_data_is_what_goes_on_record(desk):
    """The same verdict, origin and numbers."""
    given = (ADD, str(desk.plan), "--number", "unrated_touchpoints=0", "--json")
    seen = json.loads(desk(*given, "--preview").stdout)
    desk(*given)
    (found,) = on_record(desk)
    assert (seen["verdict"], seen["origin"], seen["numbers"]) == ("pass", "stated", found.payload["numbers"])
    assert seen["gates"] == [{"gate": "plan", "is_enough": True, "why": seen["gates"][0]["why"]}]


def test_a_correction_keeps_both(desk):
    """For a reason; it can be looked at first, and is not corrected twice."""
    desk(ADD, str(desk.plan), "--number", "unrated_touchpoints=2")
    (first,) = on_record(desk)
    given = (f"evidence correct {first.number}", str(desk.plan), "--number", "unrated_touchpoints=0")
    assert desk(*given).exit_code == 2
    assert desk(*given, "--because", "Misread", "--preview").exit_code == 0
    assert len(on_record(desk)) == 1
    assert desk(*given, "--because", "Misread").exit_code == 0
    second = on_record(desk)[1]
    assert (second.supersedes, second.because, second.verdict) == (first.number, "Misread", "pass")
    again = desk(*given, "--because", "Misread")
    assert (again.exit_code, f"by #{second.number}" in again.output) == (2, True)


def test_a_signature_is_corrected_by_signing_anew(desk):
    """Evidence corrects none."""
    desk("sign planning.requirements", str(desk.plan), "--by", "wang")
    (first,) = on_record(desk)
    told = desk(f"evidence correct {first.number}", str(desk.plan), "--because", "x")
    assert (told.exit_code, f"unfelt sign --supersedes {first.number}" in told.output) == (2, True)
    anew = ("--by", "wang", "--refuse", "Not these", "--supersedes", str(first.number), "--because", "Too soon")
    assert desk("sign planning.requirements", str(desk.plan), *anew).exit_code == 0
    assert [one.verdict for one in on_record(desk)] == ["pass", "fail"]


def test_another_changes_record_is_not_corrected(desk):
    """It is no evidence about this one."""
    told = desk("evidence correct 999999", str(desk.plan), "--because", "x")
    assert (told.exit_code, "is no evidence about" in told.output) == (2, True)


@pytest.mark.parametrize("kind", ["report", "rows", "answers"])
def test_an_empty_record_is_refused_with_what_is_missing(desk, kind):
    """Nothing is on record, at a preview or without."""
    control = {"report": "testing.functional", "rows": "planning.risk", "answers": "training.feedback"}[kind]
    for more in ((), ("--preview",)):
        told = desk(f"evidence add {control} --kind {kind}", str(desk.plan), *more)
        assert (told.exit_code, "nothing was put on record" in told.output) == (2, True)
    assert on_record(desk) == []
