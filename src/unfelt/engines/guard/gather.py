"""From tallies to the rows that the mathematics takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.conf.language import _
from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.decision import GuardError
from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.tally import ANYTHING, Tally


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
    closed = rows(layout, _judged(tallies))
    failed = closed if failures is None else rows(layout, _judged(failures), counted=False)
    return Look(closed, failed, _implied(layout, tallies) if splits is None else tuple(splits))


def _judged(tallies: Sequence[Tally]) -> list[Tally]:
    """The composite of all metrics bounds the budget for everybody; no segment is judged by it."""
    return [tally for tally in tallies if tally.metric != ANYTHING or tally.segment is None]


def rows(layout: Layout, tallies: Sequence[Tally], *, counted: bool = True) -> Counts:
    """Rows of (cell, propensity), a cell perhaps in several; only `counted` tallies have denominators."""
    place: dict[tuple[str, str | None, str | None, float], int] = {}
    cells: list[int] = []
    row, side, n, bad = [], [], [], []
    for tally in tallies:
        key = (tally.metric, tally.segment, tally.stratum, tally.propensity)
        at = place.get(key)
        if at is None:
            at = place[key] = len(place)
            cells.append(layout.find(*key[:3]))
        row.append(at)
        side.append(tally.arm == "old")
        n.append(tally.n)
        bad.append(tally.bad)
    _refuse_nonsense(tallies, n, bad, counted=counted)
    sums = np.zeros((len(place), 2, 2))
    np.add.at(
        sums, (np.array(row, dtype=np.intp), np.array(side, dtype=np.intp)), np.array([n, bad], dtype=float).T
    )
    q = np.array([key[3] for key in place], dtype=float)
    columns = (sums[:, 0, 0], sums[:, 0, 1], sums[:, 1, 0], sums[:, 1, 1])
    return Counts(np.array(cells, dtype=np.intp), q, *columns)


def _refuse_nonsense(tallies: Sequence[Tally], n: list[int], bad: list[int], *, counted: bool) -> None:
    customers, failed = np.array(n, dtype=float), np.array(bad, dtype=float)
    q = np.array([tally.propensity for tally in tallies], dtype=float)
    wrong = ~((q > 0) & (q < 1) & (failed >= 0) & (not counted or failed <= customers))
    if wrong.any():
        _refuse(tallies[int(np.argmax(wrong))])


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
