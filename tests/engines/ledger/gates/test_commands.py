"""Programs that answer controls: run, stopped, read."""

import os
import sys
import time
from datetime import timedelta

import pytest

from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.gates.commands import MOST_OUTPUT, Ran, printed, run_program
from unfelt.engines.ledger.programs import CommandRan
from unfelt.engines.ledger.rules import Rules

CONTROLS = {control.id: control for control in load_playbook().controls}
TEST = CONTROLS["testing.functional"]
SECONDS = timedelta(seconds=20)


def verdict(ran: Ran, **numbers: float) -> str:
    """What follows for the control."""
    found = CommandRan(program="python", code=ran.code, why=str(ran.why or ""), numbers=numbers)
    return Rules.of(TEST).judge(found)[0]


def python(code: str, *, within: timedelta = SECONDS) -> Ran:
    """What became of that program."""
    return run_program([sys.executable, "-c", code], within=within)


def test_a_program_that_ends_tells_its_exit_code_and_output():
    """Both streams, in order."""
    ran = python("import sys; print('seen', flush=True); sys.stderr.write('too'); sys.exit(3)")
    assert (ran.code, ran.output) == (3, b"seen\ntoo")
    assert verdict(ran) == "fail"


def test_a_program_that_hangs_is_stopped_and_was_not_run():
    """Also when it ignores being asked to end."""
    began = time.monotonic()
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    ran = python(code, within=timedelta(seconds=1))
    assert time.monotonic() - began < 15
    assert (ran.code, verdict(ran)) == (None, "not_run")


def test_a_flood_is_stopped_and_only_its_beginning_is_kept():
    """A gigabyte is neither written nor held in memory."""
    ran = python("import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert (ran.code, len(ran.output)) == (None, MOST_OUTPUT)


@pytest.mark.parametrize("wait", ["", "; time.sleep(60)"], ids=["it ends", "it hangs"])
def test_what_it_started_does_not_outlive_it(tmp_path, wait):
    """A child that sleeps in the background is gone with it."""
    note = tmp_path / "child"
    begin = f"import subprocess, time; p = subprocess.Popen(['sleep', '60']); f = open({str(note)!r}, 'w')"
    code = f"{begin}; f.write(str(p.pid)); f.close(){wait}"
    python(code, within=timedelta(seconds=2))
    child = int(note.read_text())
    for _look in range(50):
        if not _is_alive(child):
            return
        time.sleep(0.1)
    pytest.fail(f"{child} is still there")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_program_that_is_not_there_was_not_run():
    """And says so."""
    ran = run_program(["/nowhere/at/all"], within=SECONDS)
    assert verdict(ran) == "not_run"
    assert "No such file" in str(ran.why)


def test_numbers_come_from_the_last_line():
    """JSON on the last line; whatever is no finite number is left out, whatever is no JSON is none."""
    assert printed(b'noise\n{"load": 1.4, "ok": true, "slow": NaN}\n') == {"load": 1.4}
    assert [printed(output) for output in (b"no numbers", b"", b"[1]", b"{" * 9000)] == [{}, {}, {}, {}]


def test_exit_code_zero_without_numbers_decides_nothing():
    """The control has a limit, and nobody said the number."""
    assert verdict(Ran(0, b"")) == "inconclusive"
    assert verdict(Ran(0, b""), failures=0.0) == "pass"
