"""The ledger under many hands: evidence a second by eight writers, what is lost, how fast it is walked.

Run it with: .venv/bin/python benchmarks/ledger.py
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rollout"))
from databases import postgresql

from unfelt.conf.database import connect
from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.gates.decide import Case, evaluate
from unfelt.engines.ledger.gates.facts import Evidence, part_digests
from unfelt.engines.ledger.kinds import KINDS

WRITERS, SECONDS = 8, 10.0
PAYLOADS = {
    "document": {"name": "plan.md", "digest": "0" * 64},
    "command": {"program": "pytest", "code": 0},
    "report": {"format": "JUnit", "numbers": {"failures": 0, "tests": 12}},
    "rollout": {"rollout": "split-1", "state": "done", "numbers": {"proved": 1, "unproved": 0}},
    "judgement": {"of": "history"},
    "probe": {"brought": True, "numbers": {"failed": 0}},
}
PLAN = {"change": {"id": "split"}, "rollout": {"soak": "10m"}}


def write(url: str, number: int) -> int:
    """How many pieces of evidence one writer has put on record in that time."""
    connect(url)
    from unfelt.engines.ledger.gates.actions import About, add_evidence

    controls, written = load_playbook().controls, 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        control, at = controls[(written + number) % len(controls)], datetime.now(UTC)
        payload = KINDS[control.evidence[0]].model_validate(PAYLOADS.get(control.evidence[0], {}))
        add_evidence(About(f"change-{number}", "0" * 64, PLAN), control, payload, at=at, by=f"writer {number}")
        written += 1
    return written


def walk(url: str) -> tuple[int, int, float]:
    """Entries, faults found, and seconds it took to walk the chain."""
    connect(url)
    from unfelt.engines.ledger.actions import links
    from unfelt.engines.ledger.chain import faults
    from unfelt.records.models import Entry

    began = time.monotonic()
    found = sum(1 for _fault in faults(links()))
    return Entry.objects.count(), found, time.monotonic() - began


def show(name: str, url: str) -> None:
    """The figures of one database."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context) as first:
        first.submit(walk, url).result()  # The tables are there.
    with ProcessPoolExecutor(WRITERS, context) as pool:
        written = sum(pool.map(write, [url] * WRITERS, range(WRITERS)))
    with ProcessPoolExecutor(1, context) as last:
        entries, wrong, seconds = last.submit(walk, url).result()
    print(
        f"{name}: {written / SECONDS:,.0f} a second by {WRITERS} writers; {entries - written:+d} lost or doubled"
    )
    print(f"  {wrong} faults in the chain; walked at {entries / seconds:,.0f} entries a second")


def gates() -> None:
    """Eighty controls with fifty records each."""
    playbook, now = load_playbook(), datetime.now(UTC)
    evidence = [
        Evidence(one.id, one.evidence[0], "pass", now, part_digests(PLAN, one.relies_on), number=number)
        for one in playbook.controls
        for number in range(50)
    ]
    case, times = Case(PLAN, "major", {}, now + timedelta(seconds=1)), []
    for _ in range(50):
        began = time.perf_counter()
        evaluate(playbook, case, evidence, ())
        times.append(time.perf_counter() - began)
    print(f"gates of eighty controls with fifty records each: {1000 * sorted(times)[25]:.1f} ms (median of 50)")


def main() -> None:
    """Everything."""
    gates()
    with TemporaryDirectory() as directory:
        show("SQLite", f"sqlite:///{directory}/records.db")
        with postgresql(Path(directory) / "server") as server:
            show("PostgreSQL", server.get_uri())


if __name__ == "__main__":
    main()
