"""From the growing log to the lines that the windows take in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import Epoch, Intake, Lapse, clock, lines, sql, state
from unfelt.adapters.sources.clock import ReaderClock
from unfelt.adapters.sources.examples import unparsed_examples
from unfelt.adapters.sources.facts import Facts
from unfelt.adapters.sources.forms import FIELDS, SEEN, LogForm
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.strays import Strays
from unfelt.adapters.sources.tail import Place, done_with, read_on


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading of the log brought."""

    before: int
    """So many lines came earlier."""
    lines: int
    unparsed: int
    examples: tuple[str, ...]
    reached: datetime | None
    """The moment up to which several lines speak for the log."""
    ended: int
    """Lines that end a request."""
    behind: bool
    """More was there than was read."""

    def intake(self, **more: Any) -> Intake:  # noqa: ANN401
        """What is said of it, with what else is known."""
        return Intake(
            self.lines, self.unparsed, examples=self.examples, ended=self.ended, behind=self.behind, **more
        )


@dataclass(frozen=True, slots=True)
class LogIntake:
    """Reads the router's log on from where it was, by at most about `most` bytes at a time."""

    connection: DuckDBPyConnection
    facts: Facts
    log: Path
    form: LogForm
    chunk: Path
    measures: Measures
    columns: dict[str, str]
    most: int

    def read(self, reader: ReaderClock) -> Reading:
        """The next lines are in `w_parsed` with their pace in `w_pace`, and in `w_lines` for the windows."""
        before = self.facts.get("lines", 0)
        length, torn = self._read_on()
        now = reader.read()
        top = self._top(now)
        columns = (*self.columns, *SEEN)
        times = lines.parse(self.connection, self.form, self.chunk, columns, now=now)
        top = lines.order(self.connection, times, top, now=now)
        lines.take_lines(self.connection, self.measures, self.columns, before=before)
        many, unparsed = times.time.size + torn, int(np.count_nonzero(~times.parsed)) + torn
        self.facts.put("lines", before + many)
        self.facts.put("top", top)
        reached = lines.moment(clock.reached(top))
        examples = self._examples() if unparsed and length else ()
        ended = self._count("SELECT count(*) FILTER (_ended) FROM w_parsed")
        behind = bool(self.facts.get("place", {}).get("behind"))
        return Reading(before, many, unparsed, examples, reached, ended, behind)

    def sweep(self) -> None:
        """Renamed logs that were read to their end, and whose lines are kept, are deleted."""
        for path in done_with(self.log, Place(**_tupled(self.facts.get("place", {})))):
            path.unlink(missing_ok=True)

    def strays(
        self, *, number: int, epochs: Sequence[Epoch], lapses: Sequence[Lapse]
    ) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
        """Lines that a sound log does not hold by kind and arm, and all lines by arm."""
        return Strays(self.connection, self.measures).count(number=number, epochs=epochs, lapses=lapses)

    def unknown(self) -> int:
        """Outcomes that were still missing when their window closed."""
        sums = sql.each(range(len(self.measures.members)), lambda i: f"count(*) FILTER (WHERE k{i})", " + ")
        return self._count(f"SELECT {sums} FROM w_closing")

    def _count(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return found[0] if found else 0

    def _top(self, now: datetime) -> list[int]:
        """The highest times so far; none at the beginning, and after the reader's clock was set back."""
        last = self.facts.time("last")  # What an older unfelt remembers instead.
        top: list[int] = self.facts.get("top", [] if last is None else [lines.microseconds(last)] * clock.SUPPORT)
        self.facts.put("last", None)
        has_come = clock.reached(top)
        if has_come is None or has_come <= lines.microseconds(now + clock.AHEAD):
            return top
        state.start_over(self.connection)
        return []

    def _read_on(self) -> tuple[int, int]:
        """The next lines are in the chunk: so many bytes; how many more lines were cut off for good."""
        before = Place(**_tupled(self.facts.get("place", {})))
        length, place = read_on(self.log, before, most=self.most, into=self.chunk)
        if not length and place.inode == 0:
            length, place = read_on(self.log, place, most=self.most, into=self.chunk)
        self.facts.put("place", asdict(place))
        return length, place.torn - before.torn

    def _examples(self) -> tuple[str, ...]:
        with self.chunk.open(encoding="utf-8", errors="replace", newline="\n") as file:
            return unparsed_examples(file, self.form.is_line, self.columns.keys() | FIELDS)


def _tupled(plain: dict[str, Any]) -> dict[str, Any]:
    finished = tuple((inode, head) for inode, head in plain.get("finished", ()))
    return plain | {"finished": finished}
