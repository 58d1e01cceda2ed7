"""unfelt gates, evidence, sign and waive over one ledger."""

import json
import sys

import pytest


def held(desk, gate="plan"):
    """The controls that hold the gate, by the command's own JSON."""
    found = json.loads(desk("gates", str(desk.plan), "--json").stdout)
    return set(next(one for one in found["gates"] if one["gate"] == gate)["holding"])


def test_evidence_signatures_and_waivers_open_a_gate(desk):
    """A standard change: its five questions at plan, answered one after the other, with exit codes that tell."""
    plan = str(desk.plan)
    assert desk("gates", plan, "--gate", "plan").exit_code == 1
    before = held(desk)
    assert desk("sign planning.requirements", plan, "--by", "wang").exit_code == 0
    add = desk("evidence add planning.risk", plan, "--kind", "rows", "--number", "unrated_touchpoints=0")
    assert (add.exit_code, "passed" in add.stdout) == (0, True)
    waive = ("--reason", "Any night will do", "--for", "14d", "--agreed-by", "zhao", "--by", "wang")
    assert desk("waive planning.window", plan, *waive).exit_code == 0
    after = held(desk)
    assert before - after == {"planning.requirements", "planning.risk", "planning.window"}
    for control in sorted(after):
        assert desk(f"waive {control}", plan, *waive).exit_code == 0
    opened = desk("gates", plan, "--gate", "plan")
    assert (opened.exit_code, "open" in opened.stdout) == (0, True)
    assert desk("gates", plan).exit_code == 1  # go is still shut


def test_numbers_decide_and_an_edit_makes_them_stale(desk):
    """Beyond the limit 1, not enough said 3; after an edit of what it is about it is stale."""
    plan = str(desk.plan)
    rows = ("--kind", "rows", "--number")
    assert desk("evidence add planning.risk", plan, *rows, "unrated_touchpoints=2").exit_code == 1
    empty = desk("evidence add planning.risk", plan, "--kind", "rows")
    assert (empty.exit_code, "nothing was put on record" in empty.output) == (2, True)
    assert desk("evidence add planning.risk", plan, *rows, "unrated_touchpoints=0").exit_code == 0
    assert "planning.risk" not in held(desk)
    desk.plan.write_text(desk.plan.read_text() + "touches: [checkout]\n")
    assert "planning.risk" in held(desk)
    assert "stale" in desk("gates", plan).stdout


def test_a_program_answers_a_control(desk):
    """Numbers on its last line, called as the control calls them; an exit code of 1 fails whatever it prints."""
    run = ("run-control testing.functional", "--plan", str(desk.plan), "--as", "unexplained_differences=failures")
    code = "print('{\"failures\": 0}')"
    passed = desk(*run, "--", sys.executable, "-c", code)
    assert (passed.exit_code, "passed" in passed.stdout) == (0, True)
    failed = desk(*run, "--", sys.executable, "-c", code + "; raise SystemExit(1)")
    assert failed.exit_code == 1
    assert "testing.functional" in held(desk, "ready")
    hung = desk(*run, "--within", "1s", "--", sys.executable, "-c", "import time; time.sleep(60)")
    assert (hung.exit_code, "not run" in hung.stdout) == (3, True)


def test_compliance_counts_every_control_once(desk):
    """By area and by standard; what is stated, signed and waived is told apart."""
    plan = str(desk.plan)
    desk("evidence add planning.risk", plan, "--kind", "rows", "--number", "unrated_touchpoints=0")
    desk("sign planning.requirements", plan, "--by", "wang")
    desk("waive planning.window", plan, "--reason", "r", "--for", "14d", "--agreed-by", "zhao", "--by", "wang")
    answer = desk("compliance", plan, "--json")
    found = json.loads(answer.stdout)
    total = found["total"]
    assert (total["stated"], total["signed"], total["waived"], sum(total.values())) == (1, 1, 1, 80)
    assert answer.exit_code == 1
    planning = found["standards"]["iso-27001"][0]
    assert (planning["clauses"], planning["counts"]["stated"]) == ("5.8, 8.32", 1)
    said = "0 observed, 0 derived, 0 read, 1 stated, 1 signed, 1 waived"
    assert said in " ".join(desk("compliance", plan).stdout.split())


def test_a_clause_is_ticked_where_something_was_asked_and_answered(desk):
    """An area of which nothing is asked has no tick: a standard change is asked nothing about cost."""
    found = json.loads(desk("compliance", str(desk.plan), "--json").stdout)
    cost = next(one for one in found["areas"] if one["area"] == "cost")
    assert cost["open"] == []
    lines = desk("compliance", str(desk.plan)).stdout.splitlines()
    told = [line for line in lines if "Cost" in line and "7.1.2" not in line]
    assert any(line.rstrip().endswith("–") for line in told)
    assert not any(line.rstrip().endswith("✓") for line in told)


def test_in_chinese_every_word_is(desk):
    """Gates, states, roles and kinds."""
    text = desk("gates", str(desk.plan), lang="zh").stdout
    assert "需求分析" in text
    assert "missing" not in text


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("sign testing.function", (), "Did you mean testing.functional"),
        ("sign testing.functional", (), "does not take sign-off"),
        ("evidence add testing.functional", ("--kind", "report", "--number", "x"), "write NAME=VALUE"),
        ("evidence add testing.functional", ("--kind", "report", "--number", "x=0"), "asks for no number x"),
        (
            "evidence add planning.risk",
            ("--kind", "rows", "--number", "unrated_touchpoint=0"),
            "It asks for: unrated_touchpoints",
        ),
        (
            "evidence add planning.risk",
            ("--kind", "rows", "--number", "unrated_touchpoints=x"),
            "a length of time",
        ),
        ("evidence add communication.customers", ("--kind", "rows", "--number", "delivered=98"), "another unit"),
        ("evidence add testing.functional", ("--kind", "sign-off"), "unfelt sign"),
        ("evidence add testing.functional", ("--kind", "report", "--found", "2999-01-01T00:00Z"), "of the future"),
        ("evidence add testing.functional", ("--kind", "report", "--found", "2026-01-01"), "has no zone"),
        ("evidence add testing.functional", ("--kind", "guess"), "no evidence of kind guess"),
        (
            "waive backup.data",
            ("--reason", "r", "--for", "900d", "--agreed-by", "b", "--by", "a"),
            "a year from now",
        ),
        ("waive backup.data", ("--reason", " ", "--for", "9d", "--agreed-by", "b", "--by", "a"), "needs a reason"),
        ("waive backup.data", ("--reason", "r", "--for", "9d", "--agreed-by", "a", "--by", "a"), "two people"),
        (
            "waive backup.data",
            ("--reason", "r", "--for", "9d", "--agreed-by", "Mickey Mouse", "--by", "a"),
            "Mickey Mouse is not known",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(desk, command, options, said):
    """One sentence, exit code 2, and the gates are as before."""
    before = held(desk, "go")
    result = desk(command, str(desk.plan), *options)
    assert said in result.output
    assert result.exit_code == 2
    assert held(desk, "go") == before
