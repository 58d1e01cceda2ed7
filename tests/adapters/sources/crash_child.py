"""A process that collects from a log until it is killed: `crash_child.py DIRECTORY LOG`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import histories

from unfelt.adapters.sources import Epoch
from unfelt.adapters.sources.forms import log_form
from unfelt.adapters.sources.live import LiveSource


def main(directory: Path, log: Path) -> None:
    """Batch numbers are written to `acknowledged` after each batch, as the guard's own state would be."""
    source = LiveSource(histories.plan(), directory, log=log, form=log_form("envoy"), most=1500)
    epochs = [Epoch(1, "watch", 0.5, "a", histories.BEGAN)]
    done = directory / "acknowledged"
    while True:
        number = len(done.read_text().splitlines()) if done.exists() else 0
        batch = source.collect(number, epochs=epochs, lapses=[], now=datetime(2026, 11, 24, tzinfo=UTC))
        sums = [sum(one.n for one in batch.tallies), sum(one.bad for one in batch.failures), batch.intake.lines]
        with done.open("a") as file:
            file.write(f"{sums} {batch.exposed}\n")
        sys.stdout.write(f"{batch.number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
