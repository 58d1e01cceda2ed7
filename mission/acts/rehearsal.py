"""The day of the window: the candidate is tried, its data copied, its guard calibrated, and the gates open."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mission.company import Company, must
from mission.stage import EXAMPLES, PlayError, arm, customers, environment, free_port

RECORD = 18
"""Seconds for which customers of old are recorded."""
RATE = 60.0
PEAK = "36000"
"""Customers an hour that the catalog expects at checkout."""


def play(company: Company) -> None:
    """Everything that ready and go ask for is there."""
    stage = company.stage
    with (
        witness(company, stage.ports["OLD"]) as (port, record),
        customers(stage, port, rate=RATE, seed=company.truth["traffic"]),
    ):
        time.sleep(RECORD)
    (stage.place / "baseline.csv").write_bytes(record.read_bytes())
    with arm(stage, "new"):
        tried(company)
        stage.unfelt("probe", "split.yaml")
    calibrated(company)


@contextmanager
def witness(company: Company, to: int, port: int | None = None) -> Iterator[tuple[int, Path]]:
    """A door before the shop at that port, which writes down who came: where it is, and its record."""
    port, record = port or free_port(), company.stage.place / f"witness-{to}.csv"
    program = str(Path(__file__).parents[1] / "recorder.py")
    command = [sys.executable, program, str(port), f"http://127.0.0.1:{to}", str(record)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    if not process.stdout or process.stdout.readline().strip() != "ready":
        raise PlayError("the witness did not begin")
    try:
        yield port, record
    finally:
        process.terminate()
        process.communicate(timeout=20)


def calibrated(company: Company) -> None:
    """The guard is played on the record: with that harm and without, how often the budget is overrun."""
    runs = ("--runs", "300", "--each", "300", "--harm", "10%")
    company.stage.unfelt("calibrate", "split.yaml", "baseline.csv", *runs, "--record", "risk.rate")


def tried(company: Company) -> None:
    """Programs of the team are run on the candidate, each for its control."""
    stage, python = company.stage, sys.executable
    scan = (python, "checks/scan.py", str(EXAMPLES / "shop"))
    tests = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", ".")

    def control(name: str, *words: str, options: tuple[str, ...] = ()) -> None:
        stage.unfelt("run-control", name, "--plan", "split.yaml", *options, "--", *words)

    def junit(name: str, file: str) -> None:
        report = f"reports/{file}.xml"
        control(name, *tests, f"checks/{file}.py", f"--junitxml={report}", options=("--report", report))

    junit("testing.functional", "alike")
    junit("quality.control", "moved")
    ran = stage.unfelt(
        *("run-control", "testing.performance", "--plan", "split.yaml", "--", python, "checks/load.py", PEAK),
        due=(0, 1),
    )
    if (
        ran.code
    ):  # A machine that others use delays a customer now and then: it is tried once more, and both stand.
        control("testing.performance", python, "checks/load.py", PEAK)
    control("backup.data", python, "checks/backup.py")
    control("backup.system", python, "checks/backup.py")
    control("backup.drill", python, "checks/restore.py")
    control("security.stability", python, "checks/stability.py")
    before = subprocess.run([*scan, "old", "old.sarif"], cwd=stage.place, env=environment(), check=False)
    must(before.returncode == 0, "the old source could not be scanned")
    options = ("--report", "new.sarif", "--against", "old.sarif")
    control("security.assessment", *scan, "new", "new.sarif", options=options)


def let_go(company: Company) -> None:
    """Gate go is open; nothing but what is named waits for an engine."""
    ran = company.stage.unfelt("gates", "split.yaml", "--gate", "go", due=(0, 1))
    must(ran.code == 0, f"gate go is shut:\n{ran.out}")
