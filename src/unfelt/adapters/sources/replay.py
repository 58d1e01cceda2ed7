"""Recorded experience through the same windows, tick by tick, for `unfelt judge`."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import duckdb
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import Batch, Intake, sql
from unfelt.adapters.sources.account import Account
from unfelt.adapters.sources.census import Census, census_of
from unfelt.adapters.sources.complete import SETTINGS, recorded_measures
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.recording import divide, is_divided, record
from unfelt.adapters.sources.tallies import Ticks, count_closed, count_failed, count_splits
from unfelt.adapters.sources.waits import compared
from unfelt.adapters.sources.windows import FELT, REASON, Windows, take_experience
from unfelt.documents.change import Change

MOST_TICKS = 2000
"""So often a recording is looked at, at most."""
MOST_VALUES = 12
"""So many values of a segment that the plan does not name get a group of their own; the rest is `other`."""
MUCH = 100
"""More rows that are dated where nothing was recorded than this, and no look at the rest is believed."""
_KEPT_OUT = ("share_change", "lapse", "misplaced", "no_customer", "misdated")
_TOTALS = ("customers", "exposed", "felt", "crossed", "in_flight", *_KEPT_OUT)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What is told tick by tick once all windows are computed."""

    measures: Measures
    ticks: Ticks
    fixed: Mapping[str, Sequence[str]]
    last: datetime


class Replay:
    """A recording, taken in whole, that tells its batches tick by tick. Nothing is kept on disk.

    files: one Parquet or CSV file, or none where a source of the plan names an access log per arm. `share` is the
    probability of `new` where the file has no share column. All windows are computed at once, by the code of a
    live rollout; a batch holds what that code would have told by its tick. Ticks are of the plan's length, or
    longer where there would be more than MOST_TICKS. `account` says what became of every line, `census` of every
    customer where all are on new; then there is nothing to tell batch by batch where no share is known either.
    """

    account: Account
    census: Census | None
    segments: Mapping[str, Sequence[str]]
    """The values of each segment: the plan's, or the commonest recorded, whichever arm they met."""

    def __init__(
        self,
        change: Change,
        files: Sequence[Path],
        *,
        share: float | None,
        secret: bytes,
        tick: timedelta | None = None,
    ) -> None:
        self._measures = recorded_measures(change)
        self._replayed: Replayed | None = None
        self._connection = duckdb.connect()
        try:
            self._take_in(change, files, share=share, secret=secret, tick=tick or change.guard.tick)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def batches(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Iterator[Batch]:
        """Batches at the ticks at which something was decided or happened, in order, ending with the last row.

        progress: is told how many batches of how many were taken.
        """
        if self._replayed is not None:
            yield from _told(self._connection, self._replayed, self.account, progress)

    def _take_in(
        self, change: Change, files: Sequence[Path], *, share: float | None, secret: bytes, tick: timedelta
    ) -> None:
        self._connection.execute(SETTINGS)
        self.account = record(self._connection, change, files, self._measures, secret=secret)
        self.census = census_of(self._connection, self._measures)
        self.segments = {}
        if self.census is None or is_divided(self._connection, share):
            self._replayed = self._windows(change, share=share, tick=tick)

    def _windows(self, change: Change, *, share: float | None, tick: timedelta) -> Replayed:
        """All windows of the recording, by the code of a live rollout."""
        epochs, last = divide(self._connection, share)
        measures = compared(self._connection, "FROM w_ordered", self._measures)
        windows = Windows(self._connection, measures, indexed=False)
        take_experience(self._connection, "w_ordered", (), measures)
        windows.advance(epochs=epochs, lapses=(), reached=last)
        began = epochs[0].began
        self.segments = {one.by: one.values or self._values(i) for i, one in enumerate(change.experience.segments)}
        return Replayed(measures, Ticks(began, max(tick, (last - began) / MOST_TICKS)), self.segments, last)

    def _values(self, segment: int) -> tuple[str, ...]:
        rows = self._connection.execute(
            f"SELECT s{segment} FROM w_fresh WHERE look = 0 AND s{segment} IS NOT NULL "
            f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_VALUES}"
        ).fetchall()
        return tuple(row[0] for row in rows)


def _told(
    connection: DuckDBPyConnection, replayed: Replayed, account: Account, progress: Callable[[int, int], None]
) -> Iterator[Batch]:
    ticks, last = replayed.ticks, replayed.last
    tallies = count_closed(connection, replayed.measures, replayed.fixed, ticks)
    failures = count_failed(connection, replayed.measures, replayed.fixed, ticks)
    splits = count_splits(connection, ticks)
    changes = _changes(connection, replayed)
    lines = _lines(connection, ticks)
    numbers = sorted({*tallies, *failures, *splits, *changes, max(lines)})
    arrived = _arrived(lines, numbers)
    left_out = {"no_customer": account.total("nobody"), "misdated": account.total("misdated")}
    totals = dict.fromkeys(_TOTALS, 0) | left_out
    for number, at in enumerate(numbers, 1):
        change = changes.get(at, {})
        totals = {name: n + change.get(name, 0) for name, n in totals.items()}
        yield Batch(
            number=number,
            until=min((ticks.began or last) + at * ticks.length, last).replace(tzinfo=UTC),
            tallies=tuple(tallies.get(at, ())),
            failures=tuple(failures.get(at, ())),
            splits=tuple(splits.get(at, ())),
            exposed=totals["exposed"],
            in_flight=totals["in_flight"],
            felt=totals["felt"],
            customers=totals["customers"],
            crossed=totals["crossed"],
            excluded={name: totals[name] for name in _KEPT_OUT},
            intake=_intake(account, arrived[at], change.get("unknown", 0), is_first=number == 1),
        )
        progress(number, len(numbers))


def _intake(account: Account, lines: int, unknown: int, *, is_first: bool) -> Intake:
    """What was not usable at all is told with the first batch, or with all where it is much."""
    by_arm = {name: arm.misdated for name, arm in account.arms.items() if arm.misdated}
    misdated = {"impossible": by_arm} if by_arm else {}
    if not is_first:
        much = account.total("misdated") > MUCH
        return Intake(lines=lines, unknown=unknown, strays=misdated if much else {})
    unparsed = account.total("unparsed") + account.total("undecodable")
    return Intake(
        lines=lines + account.total("nobody") + unparsed,
        unparsed=unparsed,
        unknown=unknown,
        examples=account.examples,
        strays=misdated,
    )


def _changes(connection: DuckDBPyConnection, replayed: Replayed) -> dict[int, dict[str, int]]:
    """By how much each running total changes at each tick."""
    unknown = sql.each(
        range(len(replayed.measures.members)),
        lambda i: f" UNION ALL SELECT due{i}, 'unknown', 1 FROM w_closing WHERE k{i}",
        "",
    )
    rows = connection.execute(f"""
        WITH told (at_time, name, n) AS (
            SELECT seen, mark, 1 FROM w_marked
            UNION ALL SELECT seen, 'in_flight', 1 FROM w_fresh
                WHERE look = 0 AND arm = 'new' AND propensity > 0 AND propensity < 1
            UNION ALL SELECT due, 'in_flight', -1 FROM w_closing WHERE c AND arm = 'new'
            UNION ALL SELECT due, 'felt', 1 FROM w_closing WHERE {FELT}
            UNION ALL SELECT due, {REASON}, 1 FROM w_closing WHERE c AND x {unknown})
        SELECT {replayed.ticks.number("at_time")}, name, sum(n) FROM told GROUP BY ALL
    """).fetchall()
    changes: dict[int, dict[str, int]] = defaultdict(dict)
    for number, name, amount in rows:
        changes[number][name] = int(amount)
    return changes


def _lines(connection: DuckDBPyConnection, ticks: Ticks) -> dict[int, int]:
    """So many rows came in each tick."""
    rows = connection.execute(f"SELECT {ticks.number('seen')} AS tick, count(*) FROM w_lines GROUP BY tick")
    return dict(rows.fetchall())


def _arrived(lines: Mapping[int, int], numbers: Sequence[int]) -> dict[int, int]:
    """So many rows came by each of the ticks since the one before."""
    found = dict.fromkeys(numbers, 0)
    place = 0
    for tick in sorted(lines):
        while numbers[place] < tick:
            place += 1
        found[numbers[place]] += lines[tick]
    return found
