"""What a recording lost is in its account, and decides what may be said of it."""

import gzip
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from unfelt.cli import main

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {id: c, title: A change, owner: lin@shop.example}
experience:
  customer: column:CUSTOMER
  observe: 0s
  metrics: [{id: failed, bad: "BAD", margin: 5%}]
  SOURCES
guard: {impact_budget: 200 customers, tick: 5s}
"""
SOURCE = "sources: {requests: {kind: access_log, FORMAT old: 'old.log*', new: 'new.log*'}}"


def people(seed: int, *, worse: float = 0.14) -> list[tuple[str, int, bool]]:
    """Arm, number and whether it failed, of 1500 customers."""
    draw = random.Random(seed)
    arms = [draw.choice(("old", "new")) for _ in range(1500)]
    return [(arm, n, draw.random() < (worse if arm == "new" else 0.005)) for n, arm in enumerate(arms)]


def combined(arm: str, n: int, *, failed: bool) -> str:
    at = f"23/Nov/2026:04:{n // 60:02d}:{n % 60:02d} +0000"
    return f'10.0.{n // 250}.{n % 250} - - [{at}] "GET /pay HTTP/1.1" {500 if failed else 200} 5 "-" "curl/8"'


def write(folder: Path, seed: int, *, spoil=lambda line, *_: line.encode(), worse: float = 0.14) -> None:
    """A log of each arm; `spoil` makes the bytes of a line."""
    logs: dict[str, list[bytes]] = {"old": [], "new": []}
    for arm, n, failed in people(seed, worse=worse):
        logs[arm].append(spoil(combined(arm, n, failed=failed), arm, n, failed))
    for arm, lines in logs.items():
        (folder / f"{arm}.log").write_bytes(b"\n".join(lines) + b"\n")


def judged(
    folder: Path, monkeypatch, *, form: str = "", data: str | None = None, customer="host", bad="status >= 500"
):
    """The exit code and the answer."""
    monkeypatch.chdir(folder)
    sources = "" if data else SOURCE.replace("FORMAT", form and f"format: {form},")
    plan = PLAN.replace("SOURCES", sources).replace("CUSTOMER", customer).replace("BAD", bad)
    (folder / "judge.yaml").write_text(plan)
    files = [data] if data else []
    result = CliRunner().invoke(main, ["judge", "judge.yaml", *files, "--share", "0.5", "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else result.output


def cut(line, arm, n, failed):
    """Failing lines, and a third of the others, are cut off."""
    return line[: 60 if failed or n % 3 == 0 else None].encode()


def odd(line, arm, n, failed):
    """Failing lines hold a byte that is not UTF-8."""
    return line.encode().replace(b"/pay", b"/caf\xe9") if failed else line.encode()


def test_lines_that_are_cut_off_leave_it_unmeasured(tmp_path, monkeypatch):
    """All failing lines are among them: what is read looks harmless and proves nothing."""
    write(tmp_path, 1, spoil=cut)
    code, answer = judged(tmp_path, monkeypatch, form="combined")
    sums = {
        kind: sum(arm[kind] for arm in answer["account"]["arms"].values())
        for kind in ("lines", "read", "unparsed")
    }
    assert (code, answer["final"]) == (3, "unmeasured")
    assert sums["lines"] == 1500 == sums["read"] + sums["unparsed"]


def test_odd_bytes_hide_no_failure(tmp_path, monkeypatch):
    """The status of such a line counts."""
    write(tmp_path, 2, spoil=odd)
    code, answer = judged(tmp_path, monkeypatch, form="combined")
    arms = answer["account"]["arms"]
    assert (code, answer["final"], answer["metric"]) == (1, "back", "failed")
    assert {arm["undecodable"] + arm["unparsed"] for arm in arms.values()} == {0}


def test_few_lost_lines_of_one_arm_are_enough(tmp_path, monkeypatch):
    """Twelve of 1500 lines are less than 1 %; that all are of new is no chance."""
    write(
        tmp_path,
        3,
        worse=0.005,
        spoil=lambda line, arm, n, _f: line[: 40 if arm == "new" and n % 60 == 0 else None].encode(),
    )
    code, answer = judged(tmp_path, monkeypatch)
    assert (code, answer["final"]) == (3, "unmeasured")
    assert "more than chance" in answer["because"]


def test_few_lost_lines_of_both_arms_are_borne(tmp_path, monkeypatch):
    """The account says so, and the proof stands."""
    write(tmp_path, 4, worse=0.005, spoil=lambda line, _arm, n, _f: line[: 40 if n % 150 == 0 else None].encode())
    code, answer = judged(tmp_path, monkeypatch)
    assert (code, answer["final"]) == (0, "promote")
    assert sum(arm["unparsed"] for arm in answer["account"]["arms"].values()) == 10


def test_a_host_before_the_address_is_no_customer(tmp_path, monkeypatch):
    """Said to be combined it is refused and its format named; left to itself it is read."""
    write(tmp_path, 5, spoil=lambda line, *_: b"shop.example:443 " + line.encode())
    code, said = judged(tmp_path, monkeypatch, form="combined")
    assert (code, "1500 of 1500 lines" in said, "format: vhost_combined" in said) == (3, True, True)
    code, answer = judged(tmp_path, monkeypatch)
    assert (code, answer["final"], answer["account"]["format"]) == (1, "back", "vhost_combined")
    assert (answer["account"]["customers"], answer["account"]["detected"]) == (1500, True)


def test_copies_of_lines_count_once(tmp_path, monkeypatch):
    """Rotation by copy, and the same file twice, change nothing but the count of duplicates."""
    write(tmp_path, 6)
    _code, before = judged(tmp_path, monkeypatch)
    lines = (tmp_path / "old.log").read_bytes().splitlines(keepends=True)
    (tmp_path / "old.log.1").write_bytes(b"".join(lines[:200]))
    (tmp_path / "new.log.1").write_bytes((tmp_path / "new.log").read_bytes())
    _code, after = judged(tmp_path, monkeypatch)
    arms = after["account"]["arms"]
    assert (arms["old"]["duplicate"], arms["new"]["duplicate"]) == (200, arms["new"]["read"])
    assert {**before, "account": None} == {**after, "account": None}


@pytest.mark.parametrize(
    ("who", "said"),
    [(lambda n: b"10.9.9.9", "holds 1 customer"), (lambda n: b"/page/%d" % n, "like paths of pages")],
)
def test_what_is_no_customer_is_said(tmp_path, monkeypatch, who, said):
    """One customer in all, or paths in the place of customers, are judged by nobody."""
    write(tmp_path, 7, spoil=lambda line, _arm, n, _f: who(n) + line[line.index(" ") :].encode())
    code, answer = judged(tmp_path, monkeypatch)
    assert (code, answer["final"]) == (3, "unmeasured")
    assert said in answer["because"]


def table(folder: Path, seed: int, *, value, separator=",") -> None:
    """A CSV file of both arms."""
    rows = [separator.join(("time", "uid", "arm", "took"))]
    for arm, n, failed in people(seed):
        rows.append(separator.join((f"2026-11-23T04:{n // 60:02d}:{n % 60:02d}Z", f"u{n}", arm, value(n, failed))))
    (folder / "d.csv").write_text("\n".join(rows) + "\n")


def test_texts_that_are_no_numbers_measure_nothing(tmp_path, monkeypatch):
    """The advice to cast is followed, every cast is NULL, and so nothing was measured."""
    table(tmp_path, 8, value=lambda n, failed: "1500,50" if failed else f"{n % 90},25", separator=";")
    code, said = judged(tmp_path, monkeypatch, data="d.csv", customer="uid", bad="took > 1000")
    assert (code, "try_cast" in said) == (3, True)
    code, answer = judged(
        tmp_path, monkeypatch, data="d.csv", customer="uid", bad="try_cast(took as double) > 1000"
    )
    assert (code, answer["final"]) == (3, "unmeasured")
    assert "1500 of 1500 rows" in answer["because"]
    assert "took: 0" in answer["because"]


@pytest.mark.parametrize("missing", ["NaN", "inf", "-inf", ""])
def test_what_is_no_number_is_missing_and_bad(tmp_path, monkeypatch, missing):
    """It compares with nothing, whichever way the metric asks."""
    table(tmp_path, 9, value=lambda _n, failed: missing if failed else "0.99")
    code, answer = judged(tmp_path, monkeypatch, data="d.csv", customer="uid", bad="took < 0.95")
    assert (code, answer["final"]) == (1, "back")
    assert sum(arm["unknown"] for arm in answer["account"]["arms"].values()) > 50
    code, other = judged(tmp_path, monkeypatch, data="d.csv", customer="uid", bad="took > 1.05")
    assert (code, other["final"]) == (1, "back")


@pytest.mark.parametrize("unread", ["", "unread: 50%,"])
def test_the_plan_says_how_much_may_be_missing(tmp_path, monkeypatch, unread):
    """A part of both arms alike is missing: nothing is promoted, unless the plan bears it."""
    table(tmp_path, 10, value=lambda n, _failed: "" if n % 25 == 0 else "0.99")
    plan = (
        PLAN.replace("SOURCES", "")
        .replace("CUSTOMER", "uid")
        .replace("BAD", "took < 0.95")
        .replace("guard: {", f"guard: {{{unread} ")
    )
    (tmp_path / "judge.yaml").write_text(plan)
    result = CliRunner().invoke(
        main, ["judge", str(tmp_path / "judge.yaml"), str(tmp_path / "d.csv"), "--share", "0.5"]
    )
    assert result.exit_code == (0 if unread else 3)


def test_a_table_of_each_arm_is_read_by_its_keys(tmp_path, monkeypatch):
    """CSV without a column for the arm, under other names and in another unit."""
    for arm in ("old", "new"):
        rows = ["when\tuser\tcode\ttook"] + [
            f"2026-11-23T12:{n // 60:02d}:{n % 60:02d}+08:00\tu{n}\t{500 if failed else 200}\t{n}"
            for one, n, failed in people(11)
            if one == arm
        ]
        (tmp_path / f"{arm}.log").write_text("\r\n".join(rows) + "\r\n")
    keys = "format: csv, keys: {time: when, status: code}"
    code, answer = judged(tmp_path, monkeypatch, form=keys.removeprefix("format: "), customer="user")
    assert (code, answer["final"], answer["at"][:13]) == (1, "back", "2026-11-23T04")


def test_a_table_with_odd_bytes_is_read(tmp_path, monkeypatch):
    """Its rows count like any other."""
    table(tmp_path, 12, value=lambda _n, failed: "2" if failed else "0")
    data = (tmp_path / "d.csv").read_bytes().replace(b",2\n", b",2,caf\xe9\n").replace(b",0\n", b",0,x\n")
    (tmp_path / "d.csv").write_bytes(data.replace(b"took\n", b"took,page\n"))
    code, answer = judged(tmp_path, monkeypatch, data="d.csv", customer="uid", bad="took > 1")
    assert (code, answer["final"], answer["account"]["arms"]["new"]["nobody"]) == (1, "back", 0)


def test_half_of_a_packed_table_is_refused(tmp_path, monkeypatch):
    """What is missing could be anything."""
    table(tmp_path, 13, value=lambda _n, _failed: "1")
    whole = gzip.compress((tmp_path / "d.csv").read_bytes())
    (tmp_path / "d.csv.gz").write_bytes(whole[: len(whole) // 2])
    code, said = judged(tmp_path, monkeypatch, data="d.csv.gz", customer="uid", bad="took > 1")
    assert (code, isinstance(said, str)) == (3, True)


def test_the_log_of_a_router_is_no_log_of_an_arm(tmp_path, monkeypatch):
    """It holds both, and says so."""
    line = '{"time": "2026-11-23T04:00:00Z", "arm": "old", "epoch": 1, "phase": "watch", "share": 0.5}\n'
    for arm in ("old", "new"):
        (tmp_path / f"{arm}.log").write_text(line)
    code, said = judged(tmp_path, monkeypatch)
    assert (code, "holds both arms" in said) == (3, True)
