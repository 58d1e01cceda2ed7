"""From tallies to the rows that the mathematics takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.conf.language import _
from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.decision import GuardError
from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.tally import Tally


@dataclass(frozen=True, slots=True)
class Look:
    """All that came at one tick: closed customers, failures as they happened, fresh assignments."""

    closed: Counts
    failed: Counts
    splits: Sequence[Split]


def gather(
    layout: Layout,
    tallies: Sequence[Tally],
    failures: Sequence[Tally] | None,
    splits: Sequence[Split] | None,
) -> Look:
    """The rows of a tick; without failures the closed ones serve, without splits the first metric's customers."""
    closed = rows(layout, tallies)
    failed = closed if failures is None else rows(layout, failures, counted=False)
    return Look(closed, failed, _implied(layout, tallies) if splits is None else tuple(splits))


def rows(layout: Layout, tallies: Iterable[Tally], *, counted: bool = True) -> Counts:
    """One row per (cell, propensity); `counted` tallies have denominators, failures have none."""
    place: dict[tuple[int, float], int] = {}
    columns: list[list[int]] = []
    known: dict[tuple[str, str | None, str | None], int] = {}
    for tally in tallies:
        name = (tally.metric, tally.segment, tally.stratum)
        cell = known.get(name)
        if cell is None:
            cell = known[name] = layout.find(*name)
        if not 0 < tally.propensity < 1 or tally.bad < 0 or (counted and tally.bad > tally.n):
            _refuse(tally)
        row = place.setdefault((cell, tally.propensity), len(columns))
        if row == len(columns):
            columns.append([0, 0, 0, 0])
        side = 0 if tally.arm == "new" else 2
        columns[row][side] += tally.n
        columns[row][side + 1] += tally.bad
    numbers = np.array(columns, dtype=float).reshape(-1, 4)
    keys = np.array(list(place), dtype=float).reshape(-1, 2)
    return Counts(keys[:, 0].astype(np.intp), keys[:, 1], *(numbers[:, c] for c in range(4)))


def _implied(layout: Layout, tallies: Iterable[Tally]) -> tuple[Split, ...]:
    first = layout.cells[0].metric
    sums: dict[float, list[int]] = {}
    for tally in tallies:
        if (tally.metric, tally.segment, tally.stratum) == (first, None, None):
            pair = sums.setdefault(tally.propensity, [0, 0])
            pair[tally.arm == "new"] += tally.n
    return tuple(Split(propensity, old, new) for propensity, (old, new) in sums.items())


def _refuse(tally: Tally) -> None:
    raise GuardError(
        _(
            "A tally cannot be: {tally}. The propensity lies strictly between 0 and 1, and 0 ≤ bad ≤ n "
            "(n = 0 only among failures). The source is at fault; nothing was counted."
        ).format(tally=tally)
    )
