"""A record of what old did, as arrays: for rollouts that are only played."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.account import Account
from unfelt.adapters.sources.complete import SETTINGS, recorded_measures
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.recording import record_old
from unfelt.adapters.sources.tallies import OTHER, is_in_peak
from unfelt.adapters.sources.waits import compared
from unfelt.adapters.sources.windows import segment_values, verdicts
from unfelt.conf.language import Message
from unfelt.documents.change import Change

MOST_VALUES = 12
"""So many values of a segment that the plan does not name get a group of their own; the rest is `other`."""
FEWEST = 100
"""Customers below which a record tells nothing."""


@dataclass(frozen=True)
class History:
    """Requests in order of time, as old answered them.

    time: seconds since `began`, (n,). who: customers as numbers from 0, (n,). answers: for each member of
    `measures` whether the request is bad, or its score, (n,). values, groups: of each segment, the values and the
    place of each request's value among them. peaks: for each part of the day that must be seen, whether the
    request lies in it.
    """

    measures: Measures
    began: datetime
    time: NDArray[np.float64]
    who: NDArray[np.int64]
    answers: tuple[NDArray[np.float64], ...]
    values: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, NDArray[np.int64]]
    peaks: Mapping[str, NDArray[np.bool_]]
    account: Account

    @property
    def unparsed(self) -> int:
        """Lines that could not be read."""
        return self.account.total("unparsed") + self.account.total("undecodable")

    @property
    def nobody(self) -> int:
        """Lines that name no customer."""
        return self.account.total("nobody")

    @property
    def seconds(self) -> float:
        """From the first request to the last."""
        return float(self.time[-1])

    @property
    def people(self) -> int:
        """How many customers there are."""
        return int(self.who.max()) + 1


def take_history(change: Change, files: Sequence[Path], *, secret: bytes) -> History:
    """What old did by the record, or SourceError says what is missing. An outcome that is not known is bad."""
    with duckdb.connect() as connection:
        connection.execute(SETTINGS)
        asked = recorded_measures(change)
        account = record_old(connection, change, files, asked, secret=secret)
        measures = compared(connection, "FROM w_experience", asked)
        values = {one.by: _values(connection, one.by, one.values) for one in change.experience.segments}
        columns = _columns(connection, measures)
    people = int(columns["who"].max()) + 1
    if people < FEWEST:
        raise SourceError(
            Message("The record holds {n} customers of old. Due are {fewest} at least.", n=people, fewest=FEWEST)
        )
    micros = columns["micros"].astype(np.int64)
    return History(
        measures=measures,
        began=datetime.fromtimestamp(int(micros[0]) / 1e6, UTC),
        time=(micros - micros[0]) / 1e6,
        who=columns["who"].astype(np.int64),
        answers=tuple(np.asarray(columns[f"a{i}"], dtype=float) for i in range(len(measures.members))),
        values=values,
        groups={by: _places(columns[f"s{i}"], values[by]) for i, by in enumerate(measures.segments) if values[by]},
        peaks={peak.name: np.asarray(columns[f"p{i}"], dtype=bool) for i, peak in enumerate(measures.peaks)},
        account=account,
    )


def _values(connection: DuckDBPyConnection, by: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a segment: the plan's, or the commonest; `other` at the end."""
    rows = connection.execute(f"""
        SELECT CAST({sql.name(by)} AS VARCHAR) AS value FROM w_experience WHERE value IS NOT NULL AND value <> ''
        GROUP BY value ORDER BY count(DISTINCT customer) DESC, value LIMIT {MOST_VALUES}
    """).fetchall()
    chosen = given or tuple(row[0] for row in rows)
    return (*(value for value in chosen if value != OTHER), OTHER)


def _columns(connection: DuckDBPyConnection, measures: Measures) -> Mapping[str, NDArray[np.object_]]:
    """Everything that is asked of each row, in order of time."""
    members = range(len(measures.members))
    answers = sql.each(members, lambda i: f", {_answer(measures, i)} AS a{i}", "")
    segments = sql.each(range(len(measures.segments)), lambda i: f", coalesce(s{i}, '') AS s{i}", "")
    peaks = sql.each(enumerate(measures.peaks), lambda one: f", {is_in_peak(one[1], 'time')} AS p{one[0]}", "")
    found: Mapping[str, NDArray[np.object_]] = connection.execute(f"""
        WITH told AS (SELECT time, customer {verdicts(measures)} {segment_values(measures)} FROM w_experience)
        SELECT epoch_us(time) AS micros, dense_rank() OVER (ORDER BY customer) - 1 AS who
            {answers} {segments} {peaks}
        FROM told ORDER BY time
    """).fetchnumpy()
    return found


def _answer(measures: Measures, i: int) -> str:
    return f"coalesce(v{i}, 1.0)" if measures.members[i].is_score else f"coalesce(b{i}, true)::DOUBLE"


def _places(column: NDArray[np.object_], values: Sequence[str]) -> NDArray[np.int64]:
    """The place of each value among the values; what is not among them is the last."""
    known = {value: place for place, value in enumerate(values)}
    texts, places = np.unique(np.asarray(column, dtype=str), return_inverse=True)
    numbers = np.array([known.get(text, len(values) - 1) for text in texts.tolist()], dtype=np.int64)
    result: NDArray[np.int64] = numbers[places]
    return result
