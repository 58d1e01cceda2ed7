"""All evidence so far, as arrays over the cells; one look adds to it and nothing takes away."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.gather import Look
from unfelt.kernel.failures import FAILURE_WEIGHTS, failure_factors
from unfelt.kernel.harmed import HarmBets, Harmed, Stakes
from unfelt.kernel.intervals import Score
from unfelt.kernel.labelgrid import BACK_WEIGHTS, Counts, Ints, Outcomes, past_rate
from unfelt.kernel.limits import information
from unfelt.kernel.margins import Floats
from unfelt.kernel.onset import Mixture
from unfelt.kernel.plugins import Coefficients, Remembered, back_bets, is_due, promote_bets
from unfelt.kernel.ratio import ODDS, split_factors
from unfelt.kernel.scores import BACK_STAKES, ENOUGH, score_factors


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
        k = len(BACK_WEIGHTS)
        return cls(Mixture.begin(cells, k), Mixture.begin(cells, k), np.zeros((cells, 2)), np.zeros((cells, 2)))

    def advance(self, closed: Floats, failed: Floats) -> "Watch":
        """One look on: log factors of both processes, shape (watched, 14)."""
        first, second = self.closed.advance(closed), self.failed.advance(failed)
        now = np.stack([first.log_evalue(BACK_WEIGHTS), second.log_evalue(FAILURE_WEIGHTS)], axis=1)
        return Watch(first, second, now, np.maximum(self.most, now))


@dataclass(frozen=True, slots=True)
class Bets:
    """The bets of all cells in every direction; what they remember saves work and changes nothing."""

    before: Coefficients
    after: Coefficients
    promote: Coefficients
    harmed: HarmBets
    stakes: Stakes
    """Of the bound on who was made worse, right for the budget."""
    relevant: float
    """The smallest imbalance of the split that matters."""
    towards_proof: Remembered
    """What a customer on new is worth to each required cell, by plug-ins (required,) and share."""

    @classmethod
    def of(cls, layout: Layout, *, budget: float, relevant: float) -> "Bets":
        """On these cells; budget: in customers, about which the bound on the affected is to be sharp."""
        tolerated, margins = layout.tolerated, layout.margins
        return cls(
            back_bets(*(line[layout.watched] for line in tolerated)),
            back_bets(*(line[layout.watched] for line in margins)),
            promote_bets(*(line[layout.required] for line in margins)),
            HarmBets(layout.crowd.patterns),
            Stakes.of(budget),
            relevant,
            Remembered(partial(_worth, *(line[layout.required] for line in margins))),
        )


def _worth(rho: Floats, d: Floats, plugs: Floats, share: Floats) -> Floats:
    return information(plugs, plugs, share, rho=rho, d=d)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of every cell: counts, bets in both directions, the split, who was made worse.

    counts: n1, x1, n0, x0 per cell, shape (cells, 4). plugs: the rate of old that the next bets are made with,
    from `taken_at` customers; both (cells,). seen: failures as they happened on new, on old, how many on new the
    old ones stand for (Σ q/(1-q)), and how many of both would be on new by chance (Σ q), shape (cells, 4); fair:
    the last of these for closed customers, (cells,). promote: log bets, shape (required, 14). harmed: of the
    groups in each block of metrics; worse: so many of the closed were made worse, at most; rate: of customers on
    new, at most, if that is the same all along.
    """

    counts: Floats
    plugs: Floats
    taken_at: Floats
    seen: Floats
    fair: Floats
    before: Watch
    after: Watch | None
    promote: Floats
    harmed: Harmed
    worse: float
    rate: float
    score: Score
    split: Floats

    @classmethod
    def begin(cls, layout: Layout) -> "Evidence":
        """Nothing seen."""
        cells = len(layout.cells)
        return cls(
            counts=np.zeros((cells, 4)),
            plugs=past_rate(np.zeros(cells), np.zeros(cells), prior=layout.prior),
            taken_at=np.zeros(cells),
            seen=np.zeros((cells, 4)),
            fair=np.zeros(cells),
            before=Watch.begin(len(layout.watched)),
            after=None,
            promote=np.zeros((len(layout.required), len(BACK_WEIGHTS))),
            harmed=Harmed.begin(len(layout.crowd.blocks) * len(layout.crowd.groups), layout.crowd.patterns),
            worse=0.0,
            rate=1.0,
            score=Score.begin(cells),
            split=np.zeros(len(ODDS)),
        )

    def with_counts(self, counts: Floats, layout: Layout) -> "Evidence":
        """These counts, and plug-ins for the next look where they are due: a group's drawn towards everybody's.

        They are old's rates alone: harm on new must not make its own alternatives look common.
        """
        _n1, _x1, n, x = counts.T
        due = is_due(n, self.taken_at)
        everybody = past_rate(x, n, prior=layout.prior)[layout.whole]
        plugs = np.where(due, past_rate(x, n, prior=everybody), self.plugs)
        return replace(self, counts=counts, plugs=plugs, taken_at=np.where(due, n, self.taken_at))

    def failures(self, cell: int) -> tuple[float, float, float]:
        """(on new, on old, expected on new if nothing differs): as they happened, or closed if these are more."""
        new, old, stands_for, _fair = self.seen[cell]
        n1, x1, _n0, x0 = self.counts[cell]
        if self._happened(cell):
            return float(new), float(old), float(stands_for)
        return float(x1), float(x0), float(max(0.0, x1 - n1 * self.score.s[cell] / self.score.w[cell]))

    def by_chance(self, cell: int) -> float:
        """How many of the failures that `failures` tells of would be on new if the draw alone decided."""
        return float(self.seen[cell, 3] if self._happened(cell) else self.fair[cell])

    def _happened(self, cell: int) -> bool:
        """More is known of failures as they happened than of closed customers."""
        _n1, x1, _n0, x0 = self.counts[cell]
        return bool(x1 + x0 <= self.seen[cell, :2].sum() or not self.score.w[cell])


def advance(evidence: Evidence, look: Look, layout: Layout, bets: Bets, *, level: float) -> Evidence:
    """The evidence one look on; all plug-ins come from before it."""
    closed, plugs = look.closed.by_propensity(len(layout.cells)), evidence.plugs

    def factors(of: Coefficients, cells: Ints, lines: tuple[Floats, Floats], side: int = 1) -> Floats:
        found = of.factors(_only(closed, cells), plugs[cells, None])
        scores = layout.is_score[cells]
        if scores.any():
            found[scores] = _scored(evidence, look, cells[scores], d=lines[1], side=side)
        return found

    before, after, failed = evidence.before, evidence.after, look.failed
    harmed = evidence.harmed.advance(_met(look, layout), bets.harmed)
    worse, rate = _most(harmed, layout, bets, level=level)
    if after is not None:
        of_after = factors(bets.after, layout.watched, layout.margins)
        after = _watch(after, of_after, failed, layout, lines=layout.margins)
    of_before = factors(bets.before, layout.watched, layout.tolerated)
    one_on = replace(
        evidence,
        seen=evidence.seen + _seen(failed, len(layout.cells)),
        fair=evidence.fair + _fair(look.closed, len(layout.cells)),
        before=_watch(before, of_before, failed, layout, lines=layout.tolerated),
        after=after,
        promote=evidence.promote + factors(bets.promote, layout.required, layout.margins, side=-1),
        harmed=harmed,
        worse=worse,
        rate=min(evidence.rate, rate),
        score=evidence.score.advance(look.closed, plugs),
        split=evidence.split + _split(look, bets.relevant),
    )
    return one_on.with_counts(evidence.counts + _sums(look.closed, len(layout.cells)), layout)


def _most(harmed: Harmed, layout: Layout, bets: Bets, *, level: float) -> tuple[float, float]:
    """At most how many of the closed were made worse, and of each customer on new.

    The sum over blocks, which divide level, and the largest over partitions: each bounds the same people, where
    its assumption holds. One whose groups do not hold everybody, because nobody tells them apart, says nothing.
    """
    crowd = layout.crowd
    n1 = harmed.n1[: len(crowd.groups)]
    partitions, blocks = crowd.bounded(crowd.partitions @ n1 >= n1[0]), len(crowd.blocks)
    most, rate = harmed.at_most(partitions, bets.stakes, level=level / blocks)
    each = (one.reshape(blocks, -1).sum(axis=0).max() for one in (most, rate))
    return float(next(each)), float(next(each))


def _met(look: Look, layout: Layout) -> list[tuple[float, Floats, Floats]]:
    return [(q, *layout.crowd.tabled(sets)) for q, sets in look.met.items()]


def begin_promotion(evidence: Evidence, layout: Layout) -> Evidence:
    """From here on going back is judged against the margins, on customers who come from here on."""
    return replace(evidence, after=evidence.after or Watch.begin(len(layout.watched)))


def _watch(
    watch: Watch, factors: Floats, failed: Counts, layout: Layout, *, lines: tuple[Floats, Floats]
) -> Watch:
    chosen = layout.watched
    rho, d = lines[0][chosen], lines[1][chosen]
    some = _rows_of(failed, chosen)
    rows = failure_factors(some.x1, some.x0, some.q, rho=rho[some.cell])
    silent = (d > 0) | layout.is_score[chosen]
    return watch.advance(factors, np.where(silent[:, None], 0.0, some.sum_by_cell(rows, len(chosen))))


def _scored(evidence: Evidence, look: Look, cells: Ints, *, d: Floats, side: int) -> Floats:
    """Log factors of the scores of these cells, against the mean so far; none until that is known."""
    n1, x1, n0, x0 = evidence.counts[cells].T
    known = n1 + n0 >= ENOUGH
    mean = (x1 + x0) / np.maximum(n1 + n0, 1.0)
    total = np.zeros((len(cells), len(BACK_STAKES)))
    for q, (new, old) in look.scores.items():
        total += score_factors(new[cells], old[cells], q, mean, d=d[cells], side=side)
    return np.where(known[:, None], total, 0.0)


def _only(closed: Outcomes, cells: Ints | list[int]) -> Outcomes:
    return [(q, outcomes[:, cells]) for q, outcomes in closed]


def _rows_of(counts: Counts, cells: Ints) -> Counts:
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
    both = np.stack([failed.x1, failed.x0, stand_for, failed.q * (failed.x1 + failed.x0)], axis=1)
    return failed.sum_by_cell(both, cells)


def _fair(closed: Counts, cells: int) -> Floats:
    return closed.sum_by_cell(closed.q * (closed.x1 + closed.x0), cells)


def _split(look: Look, relevant: float) -> Floats:
    if not look.splits:
        return np.zeros(len(ODDS))
    columns = np.array([(split.new, split.old, split.propensity) for split in look.splits], dtype=float).T
    total: Floats = split_factors(*columns, relevant=relevant).sum(axis=0)
    return total
