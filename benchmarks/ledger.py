"""The ledger under many hands: evidence a second by eight writers, what is lost, how fast it is walked.

Run it with: .venv/bin/python benchmarks/ledger.py
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rollout"))
from databases import postgresql

from unfelt.conf.database import connect
from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.gates.decide import evaluate
from unfelt.engines.ledger.gates.facts import Evidence, part_digests
from unfelt.engines.ledger.gates.standing import Case
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


def fill(url: str, count: int) -> None:
    """So many pieces of evidence as one sound chain, written at once."""
    connect(url)
    from unfelt.engines.ledger.chain import GENESIS, Link, canonical
    from unfelt.engines.ledger.rules import Rules
    from unfelt.records.models import Entry

    controls, previous, at = load_playbook().controls, GENESIS, datetime.now(UTC)
    bodies = []
    for number, control in enumerate(controls):
        payload = KINDS[control.evidence[0]].model_validate(PAYLOADS.get(control.evidence[0], {}))
        rules = Rules.of(control)
        about = {"change": f"change-{number}", "revision": "0" * 64, "control": control.id, "by": ""}
        said = {"kind": control.evidence[0], "verdict": rules.judge(payload)[0], "why": "", "until": None}
        found = {"payload": payload.model_dump(mode="json", exclude_defaults=True), "limits": rules.texts()}
        times = {"found_at": at.isoformat(), "parts": part_digests(PLAN, control.relies_on), "artefact": None}
        bodies.append(canonical({**about, **said, **found, **times}))
    rows = []
    for number in range(1, count + 1):
        link = Link(number, "evidence", None, None, at, bodies[number % len(bodies)], previous)
        entry = Entry(sequence=number, kind="evidence", recorded_at=at, body=link.body, previous=previous)
        entry.digest = link.digest()
        rows.append(entry)
        previous = entry.digest
        if len(rows) == 20_000 or number == count:
            Entry.objects.bulk_create(rows)
            rows = []


def check(url: str) -> tuple[int, float]:
    """Faults, and seconds it took to check the whole ledger: chain, verdicts, artefacts, people."""
    connect(url)
    from unfelt.engines.ledger.checking import check_ledger

    began = time.monotonic()
    found = check_ledger({})
    return len(found.faults), time.monotonic() - began


def find(url: str) -> float:
    """Milliseconds in which the evidence of a change that has ten pieces is found among all of it."""
    connect(url)
    from unfelt.engines.ledger.gates.actions import About, add_evidence
    from unfelt.engines.ledger.gates.reading import evidence_of

    controls, at = load_playbook().controls, datetime.now(UTC)
    for control in controls[:10]:
        payload = KINDS[control.evidence[0]].model_validate(PAYLOADS.get(control.evidence[0], {}))
        add_evidence(About("the-one", "0" * 64, PLAN), control, payload, at=at)
    times = []
    for _ in range(20):
        began = time.perf_counter()
        assert len(list(evidence_of("the-one"))) == 10
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[10]


def million(name: str, url: str, *, count: int) -> None:
    """The figures of a ledger of that many pieces of evidence."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context) as one:
        one.submit(fill, url, count).result()
        faults, seconds = one.submit(check, url).result()
        found = one.submit(find, url).result()
    print(
        f"{name}: {count:,} pieces of evidence checked in {seconds:.0f} s ({faults} faults); those of one change "
        f"found in {found:.1f} ms"
    )


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
    """Everything; `--entries 1000000` checks a ledger of a million entries too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    count = parser.parse_args().entries
    gates()
    with TemporaryDirectory() as directory:
        for name, measure in (("show", show), ("many", partial(million, count=count))):
            measure("SQLite", f"sqlite:///{directory}/{name}.db")
            with postgresql(Path(directory) / name) as server:
                measure("PostgreSQL", server.get_uri())


if __name__ == "__main__":
    main()
