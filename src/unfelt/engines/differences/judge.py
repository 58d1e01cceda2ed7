"""Which of the things that customers meet differ between the arms, by the draw alone: pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from unfelt.adapters.sources.unregistered import ANYWHERE, SERIES, Counted, Feature, Floats
from unfelt.kernel.differs import FINE, label_factors, log_difference, rank_weight, step_weight
from unfelt.kernel.labelgrid import Ints

LEVEL = 0.01
"""The chance, over a whole rollout in which nothing differs, that anything is said to."""
STEPS = 960
"""Steps of a series: up to 2^60 bytes or milliseconds."""
SHARES = {"anywhere": 0.35, "route": 0.3, "series": 0.1, "header": 0.1, "shape": 0.15}
"""What part of LEVEL each class of features may spend; within a class by the order of appearance."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A feature, or a series by its first feature, of which the draw alone does not explain where it is met.

    evidence: natural logarithm of the e-value, and of what it had to reach.
    """

    feature: Feature
    evidence: float
    needed: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A feature as it stands: customers who met it on old and on new, of how many who could.

    middle: of a series, the mean amount of each arm, in the unit of its kind.
    """

    feature: Feature
    old: int
    new: int
    of_old: int
    of_new: int
    middle: tuple[float, float] | None = None

    @property
    def is_more(self) -> bool:
        """New meets it more often, or more of it."""
        if self.middle is not None:
            return self.middle[1] > self.middle[0]
        return self.new * max(self.of_old, 1) > self.old * max(self.of_new, 1)


@dataclass(slots=True)
class Judge:
    """The features so far and how they stand."""

    features: list[Feature] = field(default_factory=list)
    _ranks: list[int] = field(default_factory=list)
    _classes: list[str] = field(default_factory=list)
    _many: dict[str, int] = field(default_factory=dict)
    _series: dict[tuple[str, str], int] = field(default_factory=dict)
    _group: list[int] = field(default_factory=list)
    _heads: list[int] = field(default_factory=list)
    """Of each series its first feature."""
    _visits: dict[str, int] = field(default_factory=dict)
    """Of each route the feature of coming to it."""
    _counted: Counted | None = None

    def look(self, counted: Counted) -> list[Crossing]:
        """What has crossed by now, the strongest first; once more what crossed before and still stands."""
        for feature in counted.fresh:
            self._learn(feature)
        self._counted = counted
        if not len(counted.met) or not self.features:
            return []
        met = self._factors(counted)
        could = self._could(met, label_factors(*counted.everybody.T).sum(axis=0))
        plain, series = self._plain(met, could), self._stepped(met, could)
        return sorted([*plain, *series], key=lambda one: one.needed - one.evidence)

    def shown(self, feature: Feature) -> Shown:
        """How it stands by the newest counts."""
        if self._counted is None:
            raise ValueError("nothing was counted yet")
        if feature.kind in SERIES:
            return self._shown_series(feature)
        new, old = self._sums([feature.number])
        of_new, of_old = self._of(feature)
        return Shown(feature, old, new, of_old, of_new)

    def _learn(self, feature: Feature) -> None:
        series = (feature.kind, feature.route) if feature.kind in SERIES else None
        of = "series" if series else class_of(feature)
        if feature.kind == "visit":
            self._visits[feature.route] = len(self.features)
        self.features.append(feature)
        self._classes.append(of)
        if series in self._series:
            self._group.append(self._series[series])
            self._ranks.append(-1)
            return
        rank = self._many.get(of, 0)
        self._many[of] = rank + 1
        self._ranks.append(rank)
        self._group.append(len(self._heads) if series else -1)
        if series:
            self._series[series] = len(self._heads)
            self._heads.append(len(self.features) - 1)

    def _factors(self, counted: Counted) -> Floats:
        """Of each feature the sums over its customers: shape (features, 12)."""
        number = counted.met[:, 0].astype(np.intp)
        rows = label_factors(counted.met[:, 1], counted.met[:, 2], counted.met[:, 3])
        columns = [np.bincount(number, weights=column, minlength=len(self.features)) for column in rows.T]
        return np.stack(columns, axis=1)

    def _could(self, met: Floats, everybody: Floats) -> Floats:
        """Of each feature the factors of those who could meet it: who came to its route, or everybody."""
        found = np.repeat(everybody[None], len(self.features), axis=0)
        places = np.array([self._visit(one) for one in self.features])
        has_route = places >= 0
        found[has_route] = met[places[has_route]]
        return found

    def _visit(self, feature: Feature) -> int:
        """The feature of coming to its route; -1 where everybody could meet it."""
        return -1 if feature.kind == "visit" else self._visits.get(feature.route, -1)

    def _needed(self, of: str, ranks: Ints) -> Floats:
        found: Floats = -np.log(LEVEL * SHARES[of] * rank_weight(ranks))
        return found

    def _plain(self, met: Floats, could: Floats) -> list[Crossing]:
        found: list[Crossing] = []
        classes, ranks = np.array(self._classes), np.array(self._ranks)
        for of in SHARES.keys() - {"series"}:
            places = np.flatnonzero(classes == of)
            evidence = log_difference(met[places], could[places])
            found += self._crossed(places, evidence, self._needed(of, ranks[places]))
        return found

    def _stepped(self, met: Floats, could: Floats) -> list[Crossing]:
        """Series: bets on "the most that they met is at least so much", over all steps at once."""
        group = np.array(self._group)
        places = np.flatnonzero(group >= 0)
        if not len(places):
            return []
        step = np.array([int(self.features[place].value) for place in places])
        order = np.lexsort((-step, group[places]))
        places, step = places[order], step[order]
        starts = np.flatnonzero(np.diff(group[places], prepend=-1))
        sums = np.cumsum(met[places], axis=0)
        before = np.repeat(sums[starts] - met[places][starts], np.diff(np.append(starts, len(places))), axis=0)
        evidence = log_difference(sums - before, could[places]) + np.log(_weights(step, starts))
        whole = np.logaddexp.reduceat(evidence, starts)
        heads = np.array(self._heads)
        return self._crossed(heads, whole, self._needed("series", np.arange(len(heads))))

    def _crossed(self, places: Ints, evidence: Floats, needed: Floats) -> list[Crossing]:
        return [
            Crossing(self.features[int(places[i])], float(evidence[i]), float(needed[i]))
            for i in np.flatnonzero(evidence >= needed)
        ]

    def _sums(self, numbers: Iterable[int]) -> tuple[int, int]:
        """Customers on new and on old who met any of the features, each counted once for each."""
        if self._counted is None:
            return 0, 0
        rows = self._counted.met[np.isin(self._counted.met[:, 0], list(numbers))]
        return int(rows[:, 2].sum()), int(rows[:, 3].sum())

    def _of(self, feature: Feature) -> tuple[int, int]:
        """Who could have met it: who came to the route, or everybody."""
        if self._visit(feature) >= 0:
            return self._sums([self._visit(feature)])
        everybody = self._counted.everybody if self._counted is not None else np.zeros((0, 3))
        return int(everybody[:, 1].sum()), int(everybody[:, 2].sum())

    def _shown_series(self, feature: Feature) -> Shown:
        group = self._series[feature.kind, feature.route]
        members = sorted(
            (int(one.value), *self._sums([one.number]))
            for one, of in zip(self.features, self._group, strict=True)
            if of == group
        )
        steps, new, old = (np.array(column) for column in zip(*members, strict=True))
        middle = (_mean(steps, old), _mean(steps, new))
        return Shown(feature, int(old.sum()), int(new.sum()), int(old.sum()), int(new.sum()), middle)


def class_of(feature: Feature) -> str:
    """From what part of LEVEL it is paid."""
    if feature.route == ANYWHERE:
        return "anywhere"
    return feature.kind if feature.kind in ("header", "shape") else "route"


def _weights(step: Ints, starts: Ints) -> Floats:
    """The prior weight of each step with those below it down to the next in its series; steps fall."""
    cumulative = step_weight(np.minimum(step, STEPS - 1), steps=STEPS)
    below = np.append(cumulative[1:], 0.0)
    ends = np.append(starts[1:], len(step)) - 1
    below[ends] = 0.0
    found: Floats = np.maximum(cumulative - below, 1e-12)
    return found


def _mean(steps: Ints, counts: Ints) -> float:
    """The mean amount: geometric, so that one long answer does not make it."""
    total = counts.sum()
    return float(2 ** ((steps * counts).sum() / total / FINE) - 1) if total else 0.0
