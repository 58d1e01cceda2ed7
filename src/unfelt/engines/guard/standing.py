"""Where the evidence stands against its thresholds."""

from dataclasses import dataclass

import numpy as np

from unfelt.engines.guard.cells import Cell, Layout
from unfelt.engines.guard.evidence import Bets, Evidence, Watch
from unfelt.engines.guard.levels import Levels
from unfelt.kernel.chance import binomial_tail
from unfelt.kernel.ebh import hurt
from unfelt.kernel.labelgrid import PROMOTE_WEIGHTS
from unfelt.kernel.limits import ENGINEERING
from unfelt.kernel.margins import Floats
from unfelt.kernel.onset import log_mean
from unfelt.kernel.ratio import log_split_evalue
from unfelt.kernel.weights import SECOND

_CONFINED = 0.8
_BY_CHANCE = 0.1


@dataclass(frozen=True, slots=True)
class Standing:
    """Evidence against thresholds; logs are natural.

    back: log e-value as part of its threshold, the higher of both processes and the most ever (watched,).
    suspicion: the same at this moment, or 1 where it ever crossed (watched,).
    now: the log of the weighted mean of both e-values at this moment (watched,). promote: log e-values,
    (required,).
    """

    back: Floats
    suspicion: Floats
    now: Floats
    promote: Floats
    needed: float
    split: float
    split_needed: float

    @property
    def is_harmful(self) -> bool:
        """A cell has crossed."""
        return bool(self.back.max(initial=0.0) >= 1.0)

    @property
    def is_proved(self) -> bool:
        """Every cell that promotion asks for excludes its margin."""
        return bool((self.promote >= self.needed).all())

    @property
    def is_split_wrong(self) -> bool:
        """The split is not what was asked."""
        return self.split >= self.split_needed


def standing_of(evidence: Evidence, levels: Levels) -> Standing:
    """The standing of all cells; after promotion against the margins."""
    watch, limits = (evidence.before, levels.before)
    if evidence.after is not None:
        watch, limits = evidence.after, levels.after
    most = (watch.most / limits).max(axis=1)
    return Standing(
        back=most,
        suspicion=np.where(most >= 1, 1.0, (watch.now / limits).max(axis=1)),
        now=_mean(watch),
        promote=log_mean(evidence.promote, PROMOTE_WEIGHTS),
        needed=levels.promote,
        split=float(log_split_evalue(evidence.split)),
        split_needed=levels.split,
    )


def _mean(watch: Watch) -> Floats:
    both: Floats = np.logaddexp(watch.now[:, 0] + np.log(1 - SECOND), watch.now[:, 1] + np.log(SECOND))
    return both


def culprit(standing: Standing, evidence: Evidence, layout: Layout) -> Cell:
    """The cell to name: the strongest that crossed, or the group that its harm is confined to."""
    strongest = int(np.argmax(standing.back))
    cell = _cell(layout, strongest)
    whole = _position(layout, cell.metric)
    if cell.segment is not None:
        general = standing.back[whole] >= 1 and not _is_confined(evidence, layout, cell)
        return _cell(layout, whole) if general else cell
    groups = [
        (float(standing.now[place]), _cell(layout, place))
        for place in range(len(layout.watched))
        if _cell(layout, place).metric == cell.metric and _cell(layout, place).segment is not None
    ]
    confined = [pair for pair in groups if _is_confined(evidence, layout, pair[1])]
    return max(confined, key=lambda pair: pair[0])[1] if confined else cell


def _cell(layout: Layout, place: int) -> Cell:
    return layout.cells[int(layout.watched[place])]


def _position(layout: Layout, metric: str) -> int:
    return int(np.flatnonzero(layout.watched == layout.index[metric, None, None])[0])


def _is_confined(evidence: Evidence, layout: Layout, cell: Cell) -> bool:
    """Four fifths of the excess lie in the group, and its size alone would hardly have done that.

    Until customers of the metric have closed, a group is taken to be half of all.
    """
    part, whole = layout.index[cell.metric, cell.segment, None], layout.index[cell.metric, None, None]
    customers = evidence.counts[:, 0] + evidence.counts[:, 2]
    new, _old, expected = evidence.failures(part)
    all_new, _all_old, all_expected = evidence.failures(whole)
    fraction = customers[part] / customers[whole] if customers[whole] else 0.5
    excess, all_excess = new - expected, all_new - all_expected
    chance = binomial_tail(new, all_new, fraction)
    return bool(all_excess > 0 and excess >= _CONFINED * all_excess and chance <= _BY_CHANCE)


def hurt_cells(standing: Standing, layout: Layout, *, level: float) -> tuple[tuple[str, str | None], ...]:
    """Every cell that the evidence of this moment names."""
    named = np.flatnonzero(hurt(standing.now, level=level))
    cells = [_cell(layout, int(place)) for place in named]
    return tuple((cell.metric, cell.segment) for cell in cells)


def still_needed(
    standing: Standing, evidence: Evidence, layout: Layout, bets: Bets, *, share: float
) -> tuple[float, int] | None:
    """How many more customers on new, and for which cell, if new is as good as old; None if that is not known."""
    chosen = layout.required
    counts = evidence.counts[chosen]
    fraction = fractions(counts, evidence.counts[layout.whole[chosen]])
    if not fraction.all():
        return None
    left = np.maximum(standing.needed - standing.promote, 0.0)
    each = ENGINEERING * left / bets.towards_proof(evidence.plugs[chosen], np.array(share)) / fraction
    slowest = int(np.argmax(each))
    return float(each[slowest]), int(chosen[slowest])


def fractions(part: Floats, whole: Floats) -> Floats:
    """What part of all customers each cell has, by counts (cells, 4) of it and of everybody."""
    of = whole[:, 0] + whole[:, 2]
    return np.where(of > 0, (part[:, 0] + part[:, 2]) / np.maximum(of, 1), 0.0)
