"""From bets to counts: the only thing that leaves this room."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import Split, sql
from unfelt.adapters.sources.measures import Measures
from unfelt.documents.change import Peak
from unfelt.kernel.tally import AND, ANYTHING, BIN, LAST_BIN, OVERALL, TOGETHER, Arm, Tally

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ticks:
    """How counts are put into batches: all into batch 0, or by tick, counted in ticks since `began`."""

    began: datetime | None = None
    length: timedelta = timedelta(seconds=1)

    def number(self, time: str) -> str:
        """SQL: the first tick at or after the time."""
        if self.began is None:
            return "0"
        since = f"(epoch_us({time}) - epoch_us({sql.moment(self.began)}))"
        length = self.length // timedelta(microseconds=1)
        return f"greatest(0, ({since} + {length - 1}) // {length})"


ONCE = Ticks()


def count_closed(
    connection: DuckDBPyConnection, measures: Measures, fixed: Mapping[str, Sequence[str]], ticks: Ticks = ONCE
) -> dict[int, list[Tally]]:
    """The tallies of `w_closing`, by batch."""
    counts: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for metric, tail, due in _closing(measures):
        rows = connection.execute(f"""
            SELECT {ticks.number(due)}, {metric}, arm, propensity
                {_groups(measures, fixed)} {_peaks(measures)}, {tail}
            GROUP BY ALL
        """).fetchall()
        for row in rows:
            _add(counts, row, measures, fixed)
    return _tallies(counts)


def count_failed(
    connection: DuckDBPyConnection, measures: Measures, fixed: Mapping[str, Sequence[str]], ticks: Ticks = ONCE
) -> dict[int, list[Tally]]:
    """The failures of `w_failed`, by batch, as tallies with n = 0."""
    counts: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    rows = connection.execute(f"""
        SELECT {ticks.number("told")}, {_metric_names(measures, "member")}, arm, propensity
            {_groups(measures, fixed)}, 0, count(*) FROM w_failed GROUP BY ALL
    """).fetchall()
    for row in rows:
        _add(counts, row, measures, fixed, peaks=False)
    return _tallies(counts)


def count_splits(connection: DuckDBPyConnection, ticks: Ticks = ONCE) -> dict[int, list[Split]]:
    """The fresh assignments of `w_fresh` at each propensity, by batch."""
    rows = connection.execute(f"""
        SELECT {ticks.number("seen")} AS tick, propensity, count(*) FILTER (WHERE arm = 'old'),
            count(*) FILTER (WHERE arm = 'new') FROM w_fresh
        WHERE look = 0 AND propensity > 0 AND propensity < 1 GROUP BY ALL ORDER BY tick, propensity
    """).fetchall()
    splits: dict[int, list[Split]] = defaultdict(list)
    for tick, propensity, old, new in rows:
        splits[tick].append(Split(propensity, old, new))
    return splits


def _closing(measures: Measures) -> list[tuple[str, str, str]]:
    """For each metric: its name in SQL, what counts its closed windows, and when they closed."""
    members = []
    for i, member in enumerate(measures.members):
        name, bad = _metric_names(measures, str(i)), f"count(*) FILTER (WHERE bad{i})"
        if member.is_score:
            place = f"CASE WHEN k{i} THEN {LAST_BIN} ELSE round({LAST_BIN} * g{i})::INTEGER END"
            name, bad = f"({name}) || '{BIN}' || {place}", "0"
        members.append((name, f"count(*), {bad} FROM w_closing WHERE c{i} AND NOT x{i}", f"due{i}"))
    composite = "count(*), count(*) FILTER (WHERE bad) FROM w_closing WHERE c AND NOT x"
    whole = (sql.text(ANYTHING), composite, "due")
    return [*members, whole, *_together(measures)]


def _together(measures: Measures) -> list[tuple[str, str, str]]:
    """Who met exactly the same metrics, where there are several that affect customers."""
    if len(measures.affecting) < 2:
        return []
    names = sql.each(measures.affecting, lambda i: f"CASE WHEN bad{i} THEN {sql.text(measures.name(i, 0))} END")
    name = f"{sql.text(TOGETHER)} || concat_ws({sql.text(AND)}, {names})"
    return [(name, "count(*), count(*) FROM w_closing WHERE c AND NOT x AND bad", "due")]


def _metric_names(measures: Measures, member: str) -> str:
    """SQL: the metric id of a member and a look."""
    cases = [
        f"WHEN {member} = {i} AND look = {look} THEN {sql.text(measures.name(i, look))}"
        for i in range(len(measures.members))
        for look in range(len(measures.later) + 1)
    ]
    return f"CASE {' '.join(cases)} ELSE {sql.text(ANYTHING)} END"


def _groups(measures: Measures, fixed: Mapping[str, Sequence[str]]) -> str:
    """SQL: the value of each segment whose values are fixed; all others are `other`."""

    def spell(i: int) -> str:
        values = fixed.get(measures.segments[i])
        if not values:
            return ", NULL"
        return f", CASE WHEN s{i} IN ({sql.each(values, sql.text)}) THEN s{i} ELSE '{OTHER}' END"

    return sql.each(range(len(measures.segments)), spell, "")


def _peaks(measures: Measures) -> str:
    return sql.each(measures.peaks, lambda peak: f", {is_in_peak(peak, 'opened')}", "")


def is_in_peak(peak: Peak, time: str) -> str:
    """SQL: the time lies within that part of the day; one that ends before it begins spans midnight."""
    local = f"timezone({sql.text(peak.zone)}, timezone('UTC', {time}))::TIME"
    start, end = f"TIME '{peak.start}:00'", f"TIME '{peak.end}:00'"
    joint = "AND" if peak.start < peak.end else "OR"
    return f"({local} >= {start} {joint} {local} < {end})"


def _add(
    counts: dict[tuple[Any, ...], list[int]],
    row: Sequence[Any],
    measures: Measures,
    fixed: Mapping[str, Sequence[str]],
    *,
    peaks: bool = True,
) -> None:
    """One group counted for everybody, for each of its segments and for each peak it lies in."""
    batch, metric, arm, propensity, *rest, n, bad = row
    values = rest[: len(measures.segments)]
    cells: list[tuple[str | None, str | None]] = [(OVERALL, OVERALL)]
    cells += [
        (OVERALL, f"{by}={value}") for by, value in zip(measures.segments, values, strict=True) if fixed.get(by)
    ]
    if peaks:
        inside = rest[len(measures.segments) :]
        cells += [(peak.name, OVERALL) for peak, is_in in zip(measures.peaks, inside, strict=True) if is_in]
    for stratum, segment in cells:
        count = counts[batch, metric, segment, stratum, propensity, arm]
        count[0] += n
        count[1] += bad


def _tallies(counts: Mapping[tuple[Any, ...], Sequence[int]]) -> dict[int, list[Tally]]:
    tallies: dict[int, list[Tally]] = defaultdict(list)
    for key in sorted(counts, key=_order):
        batch, metric, segment, stratum, propensity, arm = key
        n, bad = counts[key]
        tallies[batch].append(_tally(arm, propensity, stratum, segment, metric, n=n, bad=bad))
    return tallies


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple("" if part is None else part for part in key)


def _tally(
    arm: Arm, propensity: float, stratum: str | None, segment: str | None, metric: str, *, n: int, bad: int
) -> Tally:
    return Tally(arm=arm, propensity=propensity, stratum=stratum, segment=segment, metric=metric, n=n, bad=bad)
