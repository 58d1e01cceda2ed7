"""The table of the mission, against ledgers written by hand."""

import ast
import hashlib
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from mission import table  # noqa: E402  (the mission is no part of the package)

CHANGE = "split"
PASSED = {"change": CHANGE, "verdict": "pass", "limits": {}, "artefact": None}


def entry(number: int, kind: str, body: dict, *, at: str = "2026-11-30T09:00:00+00:00") -> dict:
    """As the API gives it."""
    about = {"by": body.get("by", ""), "change": body.get("change", ""), "rollout": "", "digest": f"{number:064x}"}
    return {"number": number, "at": at, "kind": kind, "body": body, **about}


def evidence(control: str, kind: str, origin: str, payload: dict, **more) -> dict:
    """The body of a piece that passes."""
    return {**PASSED, "control": control, "kind": kind, "origin": origin, "payload": payload, **more}


def ledger() -> list[dict]:
    """A mission of a minute: one item of each sort."""
    drill = {"numbers": {"recovery_time": 2.5}, "rates": {"failed": [300, 1, 200, 0]}}
    looks = {"looks": [{"good": True}, {"good": True}], "numbers": {"failed": 0}}
    limits = {"mismatches": "<= 0", "probe:mismatches": "failed"}
    read = {"limits": {"unexplained_differences": "<= 0"}, "artefact": "ab" * 32}
    controls = {
        "backup.drill": {"state": "pass", "evidence": 3},
        "brand.maintain": {"state": "pass", "evidence": 4},
        "communication.internal": {"state": "pass", "evidence": 5},
        "testing.functional": {"state": "pass", "evidence": 6},
        "planning.risk": {"state": "stated", "evidence": 7},
        "team.form": {"state": "signed", "evidence": 8},
        "support.team": {"state": "waived", "evidence": None},
        "brand.feedback": {"state": "missing", "evidence": None},
    }
    internal = {"numbers": {"acknowledged": 1.0}}
    waived = {
        "change": CHANGE,
        "control": "support.team",
        "by": "zhao@shop.example",
        "agreed_by": "lin@shop.example",
    }
    later = "2026-12-14T09:01:00+00:00"
    return [
        entry(1, "mission", {"seed": 7, "truth": hashlib.sha256(b"{}").hexdigest()}),
        entry(2, "clock moved", {"seconds": 14 * 86400}, at="2026-12-14T09:00:00+00:00"),
        entry(
            3,
            "evidence",
            evidence("backup.drill", "rollout", "observed", drill, limits={"recovery_time": "<= 1h"}),
            at=later,
        ),
        entry(4, "evidence", evidence("brand.maintain", "probe", "observed", looks, limits=limits), at=later),
        entry(5, "evidence", evidence("communication.internal", "derived", "derived", internal), at=later),
        entry(
            6,
            "evidence",
            evidence("testing.functional", "command", "read", {"numbers": {"tests": 15}}, **read),
            at=later,
        ),
        entry(7, "evidence", evidence("planning.risk", "rows", "stated", {"numbers": {"unrated": 0.0}}), at=later),
        entry(8, "evidence", evidence("team.form", "sign-off", "signed", {}), at=later),
        entry(9, "waiver", waived, at=later),
        entry(10, "gate", {"change": CHANGE, "gate": "close", "controls": controls}, at=later),
    ]


def line(control: str, entries: list[dict] | None = None) -> table.Line:
    """That item's."""
    return next(one for one in table.lines_of(entries or ledger()) if one.control == control)


def test_eighty_items_are_numbered_as_the_areas_are():
    """Twenty areas of four."""
    assert (len(table.ITEMS), table.ITEMS["planning.requirements"], table.ITEMS["social.feedback"]) == (
        80,
        "1.1",
        "20.4",
    )


def test_the_items_are_those_of_the_playbook():
    """In its order; the table itself does not ask it."""
    from unfelt.documents.load import load_playbook

    assert list(table.ITEMS) == [one.id for one in load_playbook(None).controls]


def test_what_a_rollout_showed():
    """Observed, of simulated customers; n is those of both versions; seconds are those of the machine."""
    found = line("backup.drill")
    assert (found.verdict, found.origin, found.simulated) == ("pass", "observed", "customers")
    assert (found.figure, found.n, found.entry, found.artefact, found.seconds) == (
        *("recovery_time 2.5 (<= 1h)", "500", "3", "–", "60"),
    )


def test_what_was_seen_from_outside():
    """A look is of nobody who was made up; a number that goes by another name there is found."""
    found = line("brand.maintain")
    assert (found.origin, found.simulated, found.figure, found.n) == ("observed", "no", "mismatches 0 (<= 0)", "2")


def test_what_people_did_is_said_to_be_simulated():
    """Unless the ledger is none of a mission."""
    real = [entry(1, "key", {}), *ledger()[1:]]
    assert (line("communication.internal").simulated, line("communication.internal", real).simulated) == (
        "people",
        "no",
    )


def test_what_a_program_wrote_is_kept():
    """By its digest, the first of it."""
    found = line("testing.functional")
    assert (found.origin, found.artefact, found.n) == ("read", "ab" * 6, "15")


def test_a_waiver_names_two_people_and_its_entry():
    """It is no evidence."""
    found = line("support.team")
    assert (found.verdict, found.origin, found.figure, found.entry) == ("waived", "–", "by zhao, lin", "9")


def test_what_is_not_answered_is_open_and_what_was_not_asked_does_not_apply():
    """The first says why."""
    assert (line("brand.feedback").verdict, line("partners.work").verdict) == ("open (missing)", "does not apply")


def test_the_last_line_adds_up_to_eighty():
    """Each item is counted once."""
    said = table.last_line(list(table.lines_of(ledger())))
    assert said == "3 of 80 observed or derived, 1 read, 1 stated, 1 signed, 1 waived, 72 not applicable, 1 open"


@pytest.mark.parametrize(
    ("number", "changed"),
    [(3, {"verdict": "fail"}), (3, {"control": "brand.maintain"}), (3, {"change": "another"})],
)
def test_a_gate_that_rests_on_something_else_is_refused(number: int, changed: dict):
    """What the gate names has to be passing evidence for that control of that change."""
    entries = ledger()
    entries[number - 1]["body"] |= changed
    with pytest.raises(SystemExit, match="no passing evidence"):
        list(table.lines_of(entries))


def test_a_waiver_that_nobody_gave_is_refused():
    """The gate alone is not believed."""
    entries = [one for one in ledger() if one["kind"] != "waiver"]
    with pytest.raises(SystemExit, match="no entry gives a waiver"):
        list(table.lines_of(entries))


def test_without_a_close_there_is_no_table():
    """It says how it comes to be."""
    with pytest.raises(SystemExit, match="--seal"):
        list(table.lines_of(ledger()[:-1]))


def test_an_export_with_a_gap_is_refused():
    """Not a row is left out."""
    text = "\n".join(json.dumps(one) for one in ledger()[:4] + ledger()[5:])
    with pytest.raises(SystemExit, match="not the whole chain"):
        table.read(text)


def test_the_truth_is_the_one_that_was_sealed():
    """Another file is refused."""
    assert table.truth_line(ledger(), b"{}").endswith(hashlib.sha256(b"{}").hexdigest()[:12])
    with pytest.raises(SystemExit, match="entry 1 sealed"):
        table.truth_line(ledger(), b"{ }")


@pytest.mark.parametrize("file", sorted((ROOT / "mission").rglob("*.py")), ids=lambda file: file.name)
def test_nothing_of_unfelt_is_imported(file: Path):
    """The mission comes by the doors that everybody has; its table needs nothing that is installed."""
    tree = ast.parse(file.read_text())
    names = {one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    names |= {name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names}
    roots = {name.partition(".")[0] for name in names}
    assert "unfelt" not in roots
    if file.name == "table.py":
        assert roots <= set(sys.stdlib_module_names)
