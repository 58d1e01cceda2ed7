"""From the start of a guard to its first look on record: after a crash early in a rollout, and after a day of it.

Run it with: .venv/bin/python benchmarks/resume.py
"""

import json
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rollout"))
from living import Guarded, Library, library, readers, until

if TYPE_CHECKING:
    from unfelt.records.models import Entry

DAY = 86_400
"""Looks of a day, one a second."""
TIMES = 5


def killed(guard: Guarded) -> None:
    """The guard has died."""
    guard.send(signal.SIGKILL)
    guard.end()


def resumed(place: Library) -> tuple[float, Guarded]:
    """Seconds from the start of a guard to its first look on record."""
    looks = "SELECT count(*) AS n FROM records_entry WHERE kind = 'decision'"
    before, began = place.rows(looks)[0]["n"], time.monotonic()
    guard = place.run()
    until(lambda: place.rows(looks)[0]["n"] > before, what="a look")
    return time.monotonic() - began, guard


def grown_old(place: Library) -> None:
    """The ledger has a day of looks more, each with the inputs of the last one, sealed."""
    from unfelt.conf.database import connect, home_database

    connect(home_database(place.home), migrate=False)
    from unfelt.engines.ledger.chain import Link
    from unfelt.records.models import Entry

    last = Entry.objects.filter(kind="decision").last()
    newest = Entry.objects.order_by("sequence").last()
    seal = {"first": 1, "last": newest.sequence + DAY, "decisions": DAY, "tallies": "", "guard": "", "stands": {}}
    rows, previous = [], newest.digest
    for number in range(DAY + 1):
        kind, body = ("decision", last.body) if number < DAY else ("seal", json.dumps(seal))
        link = Link(
            newest.sequence + 1 + number, kind, last.rollout_id, last.revision_id, last.recorded_at, body, previous
        )
        previous = link.digest()
        rows.append(_row(Entry, link, previous))
    Entry.objects.bulk_create(rows, batch_size=2000)


def _row(entry: "type[Entry]", link: object, digest: str) -> "Entry":
    names = ("sequence", "kind", "recorded_at", "body", "previous")
    values = {name: getattr(link, name) for name in names}
    return entry(rollout_id=link.rollout, revision_id=link.revision, digest=digest, **values)  # type: ignore[attr-defined]


def main() -> None:
    """Prints both, each the median and the longest of five."""
    with (
        TemporaryDirectory() as home,
        library(Path(home) / "home", margin="0.02%", budget="2000", baseline="1s", unmeasured="600s") as place,
    ):
        guard = place.run()
        until(lambda: place.state() == "baseline", what="baseline")
        with readers(place.listen, Path(home) / "met.txt", rate=40):
            until(place.moving, what="customers on new")
            for age in ("a minute", "a day (86,400 looks)"):
                taken = []
                for _time in range(TIMES):
                    killed(guard)
                    seconds, guard = resumed(place)
                    taken.append(seconds)
                size = (place.home / "records.db").stat().st_size / 1e6
                print(
                    f"after {age}: first look {sorted(taken)[TIMES // 2]:.2f} s after the guard's start, "
                    f"longest {max(taken):.2f} s of {TIMES} (records {size:.0f} MB)"
                )
                killed(guard)
                if age == "a minute":
                    grown_old(place)
                guard = place.run()


if __name__ == "__main__":
    main()
