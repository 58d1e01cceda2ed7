"""From the growing log to the lines that the windows take in."""

import os
from dataclasses import asdict, dataclass, replace
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
        times, torn = self._read(last)
        reached = envoy.order(self.connection, times, last)
        envoy.take_lines(self.connection, self.measures, self.columns, before=before)
        lines, unparsed = times.time.size + torn, int(np.count_nonzero(~times.parsed)) + torn
        self.facts.put("lines", before + lines)
        self.facts.put("last", None if reached is None else reached.isoformat())
        return Reading(before, lines, unparsed, self._examples() if unparsed else (), reached)

    def sweep(self) -> None:
        """Renamed logs that were read to their end, and whose lines are kept, are deleted."""
        for path in done_with(self.log, Place(**_tupled(self.facts.get("place", {})))):
            path.unlink(missing_ok=True)

    def late(self) -> int:
        """Lines of `w_lines` that came after every window they could belong to had closed."""
        grace, longest = sql.interval(self.measures.grace), sql.interval(self.measures.longest)
        return self._count(f"""
            SELECT count(*) FROM w_lines WHERE customer IS NOT NULL AND arm IN ('old', 'new') AND
                ((begun AND came < seen - {grace})
                OR (ended AND came + {longest} <= seen - {grace}))
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

    def _read(self, last: datetime | None) -> tuple[envoy.Times, int]:
        """The next lines are in `w_parsed`; how many more were cut off for good."""
        before = Place(**_tupled(self.facts.get("place", {})))
        length, place = read_on(self.log, before, most=self.most, into=self.chunk)
        if not length and place.inode == 0:
            length, place = read_on(self.log, place, most=self.most, into=self.chunk)
        times = self._parse()
        step = self._step(times, last)
        if step is not None:
            kept = _length_of(self.chunk, step)
            os.truncate(self.chunk, kept)
            place = replace(place, offset=place.offset - length + kept)
            times = self._parse()
        self.facts.put("place", asdict(place))
        return times, place.torn - before.torn

    def _parse(self) -> envoy.Times:
        return envoy.parse(self.connection, self.chunk, self.columns)

    def _step(self, times: envoy.Times, last: datetime | None) -> int | None:
        """So many lines came before the clock was set back; None where it was not."""
        known = times.parsed & times.typed
        step = find_step(
            times.time[known],
            times.begun[known],
            last=None if last is None else envoy.microseconds(last),
            behind=self.facts.get("behind", 0),
            slack=(self.measures.grace + SLACK) // timedelta(microseconds=1),
        )
        self.facts.put("behind", step.behind)
        if step.line is None:
            return None
        self.facts.put("set_back", True)
        return int(np.flatnonzero(known)[step.line])

    def _examples(self) -> tuple[str, ...]:
        with self.chunk.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            return unparsed_examples(lines, is_json_line, self.columns.keys() | envoy.FIELDS)


def _length_of(chunk: Path, number: int) -> int:
    """Bytes of so many first lines of the file, not counting empty ones, which the parser passes over."""
    length = 0
    with chunk.open("rb") as lines:
        for line in lines:
            if number == 0:
                break
            number -= bool(line.strip())
            length += len(line)
    return length


def _tupled(plain: dict[str, Any]) -> dict[str, Any]:
    finished = tuple((inode, head) for inode, head in plain.get("finished", ()))
    return plain | {"finished": finished}
