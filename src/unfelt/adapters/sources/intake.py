"""From the growing log to the lines that the windows take in."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import envoy, sql, state
from unfelt.adapters.sources.clock import find_step
from unfelt.adapters.sources.examples import is_json_line, unparsed_examples
from unfelt.adapters.sources.facts import Facts
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.tail import Place, done_with, read_on

SLACK = timedelta(seconds=5)
"""Lines further behind than this, beside grace, may mean that the clock was set back."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading of the log brought."""

    before: int
    """So many lines came earlier."""
    lines: int
    unparsed: int
    examples: tuple[str, ...]
    reached: datetime | None
    """The highest time of any line."""


@dataclass(frozen=True, slots=True)
class LogIntake:
    """Reads the router's log on from where it was, by at most about `most` bytes at a time."""

    connection: DuckDBPyConnection
    facts: Facts
    log: Path
    chunk: Path
    measures: Measures
    columns: dict[str, str]
    most: int

    def read(self) -> Reading:
        """The next lines are in `w_parsed` with their pace in `w_pace`, and in `w_lines` for the windows."""
        last = self._start()
        before = self.facts.get("lines", 0)
        lines, unparsed, examples = self._read(last)
        reached = envoy.order(self.connection, last)
        envoy.take_lines(self.connection, self.measures, self.columns, before=before)
        self.facts.put("lines", before + lines)
        self.facts.put("last", None if reached is None else reached.isoformat())
        return Reading(before, lines, unparsed, examples, reached)

    def sweep(self) -> None:
        """Renamed logs that were read to their end, and whose lines are kept, are deleted."""
        for path in done_with(self.log, Place(**_tupled(self.facts.get("place", {})))):
            path.unlink(missing_ok=True)

    def late(self) -> int:
        """Lines of `w_lines` that came after every window they could belong to had closed."""
        grace, longest = sql.interval(self.measures.grace), sql.interval(self.measures.longest)
        return self._count(f"""
            SELECT count(*) FROM w_lines WHERE customer IS NOT NULL AND arm IN ('old', 'new') AND
                ((kind = 'start' AND came < seen - {grace})
                OR (kind = 'end' AND came + {longest} <= seen - {grace}))
        """)

    def unknown(self) -> int:
        """Outcomes that were still missing when their window closed."""
        sums = sql.each(range(len(self.measures.members)), lambda i: f"count(*) FILTER (WHERE k{i})", " + ")
        return self._count(f"SELECT {sums} FROM w_closing")

    def _count(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return found[0] if found else 0

    def _start(self) -> datetime | None:
        """The highest time so far; None at the beginning and after the clock was set back."""
        if not self.facts.get("set_back", False):
            return self.facts.time("last")
        state.start_over(self.connection)
        self.facts.put("set_back", False)
        return None

    def _read(self, last: datetime | None) -> tuple[int, int, tuple[str, ...]]:
        before = Place(**_tupled(self.facts.get("place", {})))
        data, place = read_on(self.log, before, most=self.most)
        if not data and place.inode == 0:
            data, place = read_on(self.log, place, most=self.most)
        lines, unparsed = self._parse(data)
        kept = self._before_step(data, last)
        if len(kept) < len(data):
            place = Place(**_tupled(asdict(place) | {"offset": place.offset - len(data) + len(kept)}))
            data = kept
            lines, unparsed = self._parse(data)
        self.facts.put("place", asdict(place))
        torn = place.torn - before.torn
        fields = self.columns.keys() | envoy.FIELDS
        examples = unparsed_examples(data, is_json_line, fields) if unparsed else ()
        return lines + torn, unparsed + torn, examples

    def _parse(self, data: bytes) -> tuple[int, int]:
        with self.chunk.open("wb", buffering=0) as file:
            file.write(data)
        return envoy.parse(self.connection, self.chunk, self.columns)

    def _before_step(self, data: bytes, last: datetime | None) -> bytes:
        """The data up to where the clock was set back; all of it where it was not."""
        found = self.connection.execute("""
            SELECT line, epoch_us(time) AS time, (kind = 'start') AS begun FROM w_parsed
            WHERE time IS NOT NULL AND type IS NOT NULL
        """).fetchnumpy()
        step = find_step(
            np.asarray(found["time"], dtype=np.int64),
            np.asarray(found["begun"], dtype=np.bool_),
            last=None if last is None else envoy.microseconds(last),
            behind=self.facts.get("behind", 0),
            slack=(self.measures.grace + SLACK) // timedelta(microseconds=1),
        )
        self.facts.put("behind", step.behind)
        if step.line is None:
            return data
        self.facts.put("set_back", True)
        return _first_lines(data, int(found["line"][step.line]) - 1)


def _first_lines(data: bytes, number: int) -> bytes:
    """So many first lines of the data, not counting empty ones, which the parser passes over."""
    length = 0
    for line in data.split(b"\n"):
        if number == 0:
            break
        number -= bool(line.strip())
        length += len(line) + 1
    return data[:length]


def _tupled(plain: dict[str, Any]) -> dict[str, Any]:
    finished = tuple((inode, head) for inode, head in plain.get("finished", ()))
    return plain | {"finished": finished}
