"""From tallies to the rows that the mathematics takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.conf.language import _
from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.crowd import Sets, met_by
from unfelt.engines.guard.decision import GuardError
from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.margins import Floats
from unfelt.kernel.tally import ANYTHING, BIN, LAST_BIN, TOGETHER, Tally, met_together

_NAME = attrgetter("metric", "segment", "stratum")
_SPLIT = attrgetter("propensity", "old", "new")
_NUMBERS = tuple(map(attrgetter, ("n", "bad", "propensity")))


@dataclass(frozen=True, slots=True)
class Look:
    """All that came at one tick: closed customers, failures as they happened, fresh assignments."""

    closed: Counts
    failed: Counts
    splits: Sequence[Split]
    scores: Mapping[float, tuple[Floats, Floats]]
    """For each propensity the customers on new and on old per cell and bin: shape (cells, 21)."""
    met: Mapping[float, Sets]
    """For each propensity the closed customers by what they met."""


def gather(
    layout: Layout,
    tallies: Sequence[Tally],
    failures: Sequence[Tally] | None,
    splits: Sequence[Split] | None,
) -> Look:
    """The rows of a tick; without failures the closed ones serve, without splits the first metric's customers."""
    anything = [tally for tally in tallies if tally.metric.startswith(ANYTHING) and tally.stratum is None]
    together = [tally for tally in anything if tally.metric != ANYTHING]
    tallies = [tally for tally in tallies if not tally.metric.startswith(TOGETHER)] if together else tallies
    closed = rows(layout, tallies)
    met = _met(layout, anything, together)
    failed = closed if failures is None else rows(layout, failures, counted=False)
    scores = _binned(layout, tallies) if layout.is_score.any() else {}
    told = _implied(layout, tallies) if splits is None else splits
    return Look(closed, failed, sorted(told, key=_SPLIT), scores, met)


def rows(layout: Layout, tallies: Sequence[Tally], *, counted: bool = True) -> Counts:
    """Rows of (cell, propensity), a cell perhaps in several; only `counted` tallies have denominators.

    Of a score, x is the sum of the customers' scores.
    """
    numbers = _numbers(tallies)
    _refuse_tallies(tallies, numbers, counted=counted)
    names = list(map(_NAME, tallies))
    cells = {name: layout.find(name[0].partition(BIN)[0], *name[1:]) for name in dict.fromkeys(names)}
    q, level = np.unique(numbers[2], return_inverse=True)
    row = np.fromiter(map(cells.__getitem__, names), dtype=np.intp, count=len(names)) * max(len(q), 1) + level
    row, place = np.unique(row, return_inverse=True)
    old = np.fromiter((tally.arm == "old" for tally in tallies), dtype=np.intp, count=len(tallies))
    if layout.is_score.any():
        bins = np.fromiter((_bin(layout, tally, counted=counted) for tally in tallies), dtype=float)
        numbers[1] = np.where(bins >= 0, numbers[0] * bins, numbers[1])
    sums = [np.bincount(2 * place + old, weights=column, minlength=2 * len(row)) for column in numbers[:2]]
    (n1, n0), (x1, x0) = (column.astype(float).reshape(-1, 2).T for column in sums)
    cell, level = np.divmod(row, max(len(q), 1))
    if layout.is_score.any():
        x1, x0 = (np.where(layout.is_score[cell], x / LAST_BIN, x) for x in (x1, x0))
    return Counts(cell, q[level], n1, x1, n0, x0)


def _met(layout: Layout, anything: Iterable[Tally], together: Sequence[Tally]) -> dict[float, Sets]:
    """The customers of everybody and of each group, by what they met; `together` is among `anything`."""
    _refuse_tallies(together, _numbers(together), counted=True)
    crowd = layout.crowd
    rows_of: dict[str | None, int] = {}
    found: list[tuple[float, bool, int, int, int, int | None]] = []
    for tally in anything:
        names = met_together(tally.metric)
        if names and tally.bad != tally.n:
            _refuse(tally)
        if tally.segment not in rows_of:
            cell = layout.cells[layout.find(ANYTHING, tally.segment, None)]
            rows_of[tally.segment] = crowd.groups[cell.segment]
        place = tally.propensity, tally.arm == "new", rows_of[tally.segment]
        found.append((*place, tally.n, tally.bad, crowd.bits(names) if names else None))
    return met_by(found)


def _bin(layout: Layout, tally: Tally, *, counted: bool) -> int:
    """The bin of a tally of a score; -1 for one of a question."""
    metric, mark, place = tally.metric.partition(BIN)
    is_score = bool(layout.is_score[layout.find(metric, tally.segment, tally.stratum)])
    is_binned = counted and place.isdecimal() and int(place) <= LAST_BIN and tally.bad == 0
    if is_score != bool(mark) or (is_score and not is_binned):
        raise GuardError(
            _(
                "A tally cannot be: {tally}. Scores are counted per bin, as METRIC{mark}0 to METRIC{mark}{last} "
                "with bad = 0, and not among failures; nothing else is."
            ).format(tally=tally, mark=BIN, last=LAST_BIN)
        )
    return int(place) if is_score else -1


def _binned(layout: Layout, tallies: Sequence[Tally]) -> dict[float, tuple[Floats, Floats]]:
    """The scores among the tallies."""
    found: dict[float, tuple[Floats, Floats]] = {}
    for tally in tallies:
        metric, mark, place = tally.metric.partition(BIN)
        if mark:
            blank = (np.zeros((len(layout.cells), LAST_BIN + 1)), np.zeros((len(layout.cells), LAST_BIN + 1)))
            arms = found.setdefault(tally.propensity, blank)
            cell = layout.find(metric, tally.segment, tally.stratum)
            arms[tally.arm == "old"][cell, int(place)] += tally.n
    return {q: found[q] for q in sorted(found)}


def refuse_nonsense(*customers: int | None, at: datetime, share: float | None) -> None:
    """GuardError where a look cannot be: fewer than no customers, a time without a zone, a share that is none.

    A time before that of the last look is none of it: clocks are put back. It is told as unmeasured.
    """
    fewer = [n for n in customers if n is not None and n < 0]
    if fewer:
        raise GuardError(_("{n} customers are fewer than none. The source is at fault.").format(n=fewer[0]))
    if at.tzinfo is None:
        raise GuardError(_("The time {at} has no zone. Give it one, such as UTC.").format(at=at.isoformat()))
    if share is not None and not 0 <= share <= 1:
        raise GuardError(_("The share cannot be {share}. Allowed: 0 to 1.").format(share=share))


def _numbers(tallies: Sequence[Tally]) -> Floats:
    return np.array([list(map(number, tallies)) for number in _NUMBERS], dtype=float)


def _refuse_tallies(tallies: Sequence[Tally], numbers: Floats, *, counted: bool) -> None:
    n, bad, q = numbers
    wrong = ~((q > 0) & (q < 1) & (bad >= 0) & (not counted or bad <= n))
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
