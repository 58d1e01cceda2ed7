"""Who is counted together where it is asked how many were made worse: groups, partitions, metrics."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unfelt.conf.language import _
from unfelt.documents.change import Change
from unfelt.documents.questions import questions_of
from unfelt.engines.guard.decision import GuardError
from unfelt.kernel.labelgrid import Ints
from unfelt.kernel.margins import Floats
from unfelt.kernel.patterns import MOST_AT_ONCE, Patterns

WIDE = 2
"""Of more metrics so many are looked at together."""
Flags = NDArray[np.bool_]
Sets = Mapping[tuple[bool, int, int], int]
"""Customers by arm (is it new?), group and set of the metrics that they met, as a bit pattern."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """All customers and their groups, and the metrics that count towards the impact budget.

    groups: the row of everybody (None) and of each fixed value of each segment, in each block. partitions: 1 where
    a group belongs to a partition of all customers, (partitions, groups): everybody, and each segment's values.
    blocks: the metrics that are looked at in every combination, the last filled up with none.
    """

    groups: Mapping[str | None, int]
    partitions: Floats
    metrics: tuple[str, ...]
    blocks: tuple[tuple[int, ...], ...]
    patterns: Patterns
    _places: dict[int, Ints] = field(default_factory=dict)

    def bits(self, names: Iterable[str]) -> int:
        """The metrics as a bit pattern; GuardError where one counts towards no budget."""
        found = 0
        for name in names:
            if name not in self.metrics:
                raise GuardError(
                    _(
                        "The tallies speak of metric {metric!r}, which does not count towards the impact budget. "
                        "Use the plan that the source was started with."
                    ).format(metric=name)
                )
            found |= 1 << self.metrics.index(name)
        return found

    def tabled(self, sets: Sets) -> tuple[Floats, Floats]:
        """Customers on new and on old per group of each block and set of its metrics: (blocks · groups, 2^M)."""
        arms = np.zeros((2, len(self.blocks) * len(self.groups), 2**self.patterns.metrics))
        if sets:
            arm, row, _bits = np.array(list(sets)).T
            place = np.array([self._place(bits) for _arm, _row, bits in sets])
            rows = row[:, None] + len(self.groups) * np.arange(len(self.blocks))
            np.add.at(arms, (1 - arm[:, None], rows, place), np.array(list(sets.values()))[:, None])
        return arms[0], arms[1]

    def _place(self, bits: int) -> Ints:
        """What each block sees of a set of all metrics."""
        if bits not in self._places:
            seen = [sum(1 << at for at, metric in enumerate(block) if bits >> metric & 1) for block in self.blocks]
            self._places[bits] = np.array(seen, dtype=np.intp)
        return self._places[bits]

    def bounded(self, complete: Flags) -> Floats:
        """For each block the partitions that are complete, (partitions,): which groups of it they sum over."""
        return np.asarray(np.kron(np.eye(len(self.blocks)), self.partitions[complete]), dtype=float)


def crowd_of(plan: Change, values: Mapping[str, tuple[str, ...]]) -> Crowd:
    """The groups and metrics of a plan; values: those of each segment, `other` among them."""
    names = [None, *(f"{by}={value}" for by, chosen in values.items() for value in chosen)]
    groups = {name: row for row, name in enumerate(names)}
    partitions = np.zeros((1 + len(values), len(names)))
    partitions[0, 0] = 1.0
    for number, (by, chosen) in enumerate(values.items(), start=1):
        partitions[number, [groups[f"{by}={value}"] for value in chosen]] = 1.0
    metrics = [one.name for metric in plan.experience.metrics for one in questions_of(metric) if one.affects]
    size = len(metrics) if len(metrics) <= MOST_AT_ONCE else WIDE
    blocks = tuple(tuple(range(first, min(first + size, len(metrics)))) for first in range(0, len(metrics), size))
    return Crowd(groups, partitions, tuple(metrics), blocks, Patterns.of(size))


def met_by(counts: Iterable[tuple[float, bool, int, int, int, int | None]]) -> dict[float, Sets]:
    """By propensity, from rows (propensity, is it new?, group, customers, bad ones, bits of who met just these).

    Rows with bits tell the bad ones apart. Who is bad without being told apart counts as the first metric's.
    """
    found: dict[float, dict[tuple[bool, int, int], int]] = defaultdict(lambda: defaultdict(int))
    for q, is_new, row, n, bad, bits in counts:
        sets = found[q]
        if bits is None:
            sets[is_new, row, 0] += n - bad
            sets[is_new, row, 1] += bad
        else:
            sets[is_new, row, 1] -= n
            sets[is_new, row, bits] += n
    if any(n < 0 for sets in found.values() for n in sets.values()):
        raise GuardError(_("More customers met certain metrics than met anything. The source is at fault."))
    return {q: found[q] for q in sorted(found)}
