"""The pages about changes among many: ten thousand changes, a million pieces of evidence.

Run it with: .venv/bin/python benchmarks/changes.py [--changes 10000] [--evidence 1000000]
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rollout"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "web" / "console"))
from databases import postgresql
from serving import Served, served

from unfelt.conf.database import connect
from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook
from unfelt.documents.revision import Revision, expanded, revise

LOOKS = 15
PAGES = {
    "my work": "/",
    "board": "/board/",
    "areas": "/assurance/",
    "calendar": "/calendar/",
    "everything": "/search/?q=change 7",
    "ledger": "/ledger/",
    "list": "/changes/",
    "search": "/changes/?q=Title of change 7",
    "last page": "/changes/?page=100000",
    "live": "/live/",
    "requests": "/requests/",
    "risks": "/risks/",
    "change": "/changes/change-17/",
    "control": "/changes/change-17/controls/planning.risk/",
}


def plan(number: int) -> Change:
    """One of many."""
    subject = {"id": f"change-{number}", "title": f"Title of change {number}", "owner": "lin", "tier": "normal"}
    metrics = [{"id": "failed", "bad": "status >= 500", "margin": "1%"}]
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": subject,
            "needs": [{"id": "reason", "because": "It has to be"}],
            "touches": ["checkout"],
            "experience": {"customer": "cookie:u", "metrics": metrics},
            "guard": {"impact_budget": "40 customers"},
        }
    )


def fill(url: str, changes: int, evidence: int) -> None:
    """Plans and evidence as one sound chain."""
    connect(url)
    from unfelt.engines.ledger.chain import GENESIS, Link
    from unfelt.records.changes import derived
    from unfelt.records.models import ChangeRow, Entry
    from unfelt.records.models import Revision as Row

    at = datetime.now(UTC)
    revisions = [revise(plan(number)) for number in range(changes)]
    Row.objects.bulk_create([_row(one, at) for one in revisions], batch_size=2000)
    newest = [
        ChangeRow(name=one.id.partition("@")[0], revision_id=one.digest, saved_at=at, **derived(one.canonical))
        for one in revisions
    ]
    ChangeRow.objects.bulk_create(newest, batch_size=2000)
    previous, rows = GENESIS, []
    for number, body in enumerate(_bodies(changes, evidence), 1):
        link = Link(number, "evidence", None, None, at, body, previous)
        entry = Entry(sequence=number, kind="evidence", recorded_at=at, body=body, previous=previous)
        entry.digest = previous = link.digest()
        rows.append(entry)
        if len(rows) == 20_000 or number == evidence:
            Entry.objects.bulk_create(rows)
            rows = []


def _row(one: Revision, at: datetime) -> object:
    from unfelt.records.models import Revision as Row

    name = json.loads(one.canonical)["change"]["id"]
    return Row(digest=one.digest, kind="change", name=name, canonical=one.canonical, saved_at=at)


def _bodies(changes: int, evidence: int) -> Iterator[str]:
    """Rows for every control in turn, change by change."""
    from unfelt.engines.ledger.chain import canonical
    from unfelt.engines.ledger.gates.facts import part_digests
    from unfelt.engines.ledger.kinds import Rows
    from unfelt.engines.ledger.rules import Rules

    whole, at, made = expanded(plan(0)), datetime.now(UTC).isoformat(), []
    for control in load_playbook().controls:
        payload, rules = Rows(numbers=dict.fromkeys(control.limits, 0.0)), Rules.of(control)
        body = {"change": "CHANGE", "revision": "0" * 64, "control": control.id, "by": "", "artefact": None}
        said = {"kind": "rows", "verdict": rules.judge(payload)[0], "why": "", "until": None, "found_at": at}
        found = {"payload": payload.model_dump(mode="json", exclude_defaults=True), "limits": rules.texts()}
        made.append(canonical({**body, **said, **found, "parts": part_digests(whole, control.relies_on)}))
    for number in range(evidence):
        yield made[number // changes % len(made)].replace('"CHANGE"', f'"change-{number % changes}"')


def look(console: Served) -> Iterator[tuple[str, float]]:
    """Milliseconds for each page, the median of several looks."""
    reader = console.known(by="ann")
    for name, path in PAGES.items():
        times = []
        for _time in range(LOOKS):
            began = time.perf_counter()
            answer = reader.get(path)
            times.append(1000 * (time.perf_counter() - began))
            assert answer.status_code == 200, (path, answer.status_code)
        yield name, median(times)


def show(name: str, home: Path, url: str, asked: argparse.Namespace) -> None:
    """The figures of one database."""
    filling = get_context("spawn").Process(target=partial(fill, url, asked.changes, asked.evidence))
    filling.start()
    filling.join()
    assert filling.exitcode == 0
    with served(home, "--database", url) as console:
        pages = ", ".join(f"{page} {found:.0f}" for page, found in look(console))
    size = f"{asked.changes:,} changes, {asked.evidence:,} pieces of evidence"
    print(f"{name}, {size}: {pages} ms (medians of {LOOKS})")


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--evidence", type=int, default=1_000_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as place:
        show("SQLite", Path(place) / "one", f"sqlite:///{place}/records.db", asked)
        with postgresql(Path(place) / "server") as server:
            show("PostgreSQL", Path(place) / "two", server.get_uri(), asked)


if __name__ == "__main__":
    main()
