"""All evidence so far, as arrays over the cells; one look adds to it and nothing takes away."""

from dataclasses import dataclass, replace

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.gather import Look
from unfelt.kernel.budget import ExcessBound
from unfelt.kernel.failures import failure_factors
from unfelt.kernel.intervals import Score
from unfelt.kernel.labelgrid import RATIO_WEIGHTS, Counts, back_factors, past_rate, promote_factors
from unfelt.kernel.margins import Floats
from unfelt.kernel.onset import Mixture
from unfelt.kernel.ratio import ODDS, split_factors


@dataclass(frozen=True, slots=True)
class Watch:
    """The two processes that may send a change back, and the most that each has reached: shape (watched, 2).

    Column 0 is LabelGrid over closed customers, column 1 failures alone as they happen.
    """

    closed: Mixture
    failed: Mixture
    now: Floats
    most: Floats

    @classmethod
    def begin(cls, cells: int) -> "Watch":
        """Nothing seen."""
        k = len(RATIO_WEIGHTS)
        return cls(Mixture.begin(cells, k), Mixture.begin(cells, k), np.zeros((cells, 2)), np.zeros((cells, 2)))

    def advance(self, closed: Floats, failed: Floats) -> "Watch":
        """One look on: log factors of both processes, shape (watched, 14)."""
        first, second = self.closed.advance(closed), self.failed.advance(failed)
        now = np.stack([first.log_evalue(RATIO_WEIGHTS), second.log_evalue(RATIO_WEIGHTS)], axis=1)
        return Watch(first, second, now, np.maximum(self.most, now))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of every cell: counts, bets in both directions, the split, the bound on the excess.

    counts: n1, x1, n0, x0 per cell, shape (cells, 4). seen: failures as they happened on new, on old, and how many
    on new the old ones stand for (Σ q/(1-q)), shape (cells, 3). promote: log bets, shape (required, 14).
    """

    counts: Floats
    seen: Floats
    before: Watch
    after: Watch | None
    promote: Floats
    excess: ExcessBound
    score: Score
    split: Floats

    @classmethod
    def begin(cls, layout: Layout) -> "Evidence":
        """Nothing seen."""
        cells = len(layout.cells)
        return cls(
            counts=np.zeros((cells, 4)),
            seen=np.zeros((cells, 3)),
            before=Watch.begin(len(layout.watched)),
            after=None,
            promote=np.zeros((len(layout.required), len(RATIO_WEIGHTS))),
            excess=ExcessBound.begin(1),
            score=Score.begin(cells),
            split=np.zeros(len(ODDS)),
        )

    def past(self, layout: Layout) -> Floats:
        """Each cell's pooled rate up to here, a group's drawn towards everybody's: the next look's plug-in."""
        n1, x1, n0, x0 = self.counts.T
        everybody = past_rate(x1 + x0, n1 + n0)[layout.whole]
        return past_rate(x1 + x0, n1 + n0, prior=everybody)

    def failures(self, cell: int) -> tuple[float, float, float]:
        """(on new, on old, expected on new if nothing differs): as they happened, or closed if these are more."""
        new, old, stands_for = self.seen[cell]
        n1, x1, _n0, x0 = self.counts[cell]
        if x1 + x0 <= new + old or not self.score.w[cell]:
            return float(new), float(old), float(stands_for)
        return float(x1), float(x0), float(max(0.0, x1 - n1 * self.score.s[cell] / self.score.w[cell]))


def advance(evidence: Evidence, look: Look, layout: Layout, *, level: float) -> Evidence:
    """The evidence one look on; all plug-ins come from before it."""
    past = evidence.past(layout)
    promote = _promote(look.closed, past, layout)
    return Evidence(
        counts=evidence.counts + _sums(look.closed, len(layout.cells)),
        seen=evidence.seen + _seen(look.failed, len(layout.cells)),
        before=_watch(evidence.before, look, layout, past, lines=layout.tolerated),
        after=evidence.after and _watch(evidence.after, look, layout, past, lines=layout.margins),
        promote=evidence.promote + promote,
        excess=evidence.excess.advance(_only(look.closed, np.array([layout.anything])), level=level),
        score=evidence.score.advance(look.closed, past),
        split=evidence.split + _split(look),
    )


def begin_promotion(evidence: Evidence, layout: Layout) -> Evidence:
    """From here on going back is judged against the margins, on customers who come from here on."""
    return replace(evidence, after=evidence.after or Watch.begin(len(layout.watched)))


def _watch(watch: Watch, look: Look, layout: Layout, past: Floats, *, lines: tuple[Floats, Floats]) -> Watch:
    chosen = layout.watched
    rho, d = lines[0][chosen], lines[1][chosen]
    closed = back_factors(_only(look.closed, chosen), past[chosen], rho=rho, d=d)
    some = _only(look.failed, chosen)
    rows = failure_factors(some.x1, some.x0, some.q, rho=rho[some.cell])
    failed = some.sum_by_cell(rows, len(chosen))
    return watch.advance(closed, np.where(d[:, None] > 0, 0.0, failed))


def _promote(closed: Counts, past: Floats, layout: Layout) -> Floats:
    chosen = layout.required
    rho, d = layout.margins
    return promote_factors(_only(closed, chosen), past[chosen], rho=rho[chosen], d=d[chosen])


def _only(counts: Counts, cells: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Counts:
    """The rows of these cells, numbered as `cells` has them."""
    renumber = np.full(1 + max(int(cells.max(initial=0)), int(counts.cell.max(initial=0))), -1, dtype=np.intp)
    renumber[cells] = np.arange(len(cells))
    cell = renumber[counts.cell]
    keep = cell >= 0
    columns = (counts.q, counts.n1, counts.x1, counts.n0, counts.x0)
    return Counts(cell[keep], *(column[keep] for column in columns))


def _sums(counts: Counts, cells: int) -> Floats:
    return counts.sum_by_cell(np.stack([counts.n1, counts.x1, counts.n0, counts.x0], axis=1), cells)


def _seen(failed: Counts, cells: int) -> Floats:
    stand_for = failed.x0 * failed.q / (1 - failed.q)
    return failed.sum_by_cell(np.stack([failed.x1, failed.x0, stand_for], axis=1), cells)


def _split(look: Look) -> Floats:
    if not look.splits:
        return np.zeros(len(ODDS))
    columns = np.array([(split.new, split.old, split.propensity) for split in look.splits], dtype=float).T
    total: Floats = split_factors(columns[0], columns[1], columns[2]).sum(axis=0)
    return total
