"""The unregistered differences of a rollout that is under way: looked at every few seconds, beside the guard."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from unfelt.adapters.sources import RetryableSourceError
from unfelt.adapters.sources.unregistered import Counted, Example, Feature
from unfelt.documents.change import Change
from unfelt.engines.differences.actions import on_record
from unfelt.engines.differences.judge import Crossing, Judge
from unfelt.engines.differences.lines import MOST, Part, feature_row, groups_of, line_of
from unfelt.engines.differences.sentences import counts_of, sentence
from unfelt.engines.differences.standing import Differences, Differing, key_of
from unfelt.engines.differences.weighing import can_be_met
from unfelt.rollout.clock import Clock

EVERY = 3.0
"""Seconds from one look to the next, at least."""
PART = 10
"""A look takes at most the tenth part of the time: after a long one the next comes later."""


@runtime_checkable
class Comparable(Protocol):
    """A source that counts what customers meet besides what the plan names; not every source can."""

    def compare(self, *, known: int) -> Counted: ...

    def examples(self, features: Sequence[Feature]) -> dict[int, Example]: ...


@dataclass(slots=True)
class Comparing:
    """Looks, remembers what it has learnt, and says what is new."""

    change: Change
    rollout: str
    source: object
    clock: Clock
    _judge: Judge = field(default_factory=Judge)
    _due: float = 0.0
    _last: Differing = field(default_factory=Differing)

    def look(self) -> Differing:
        """The newest; what was found and is not on record yet comes again until it is."""
        began = self.clock.steady()
        if began < self._due or not isinstance(self.source, Comparable):
            return self._last
        with suppress(RetryableSourceError):  # The guard's own look says that the source does not answer.
            self._last = self._compared(self.source)
        took = self.clock.steady() - began
        self._due = self.clock.steady() + max(EVERY, PART * took)
        return self._last

    def _compared(self, source: Comparable) -> Differing:
        crossed = self._judge.look(source.compare(known=len(self._judge.features)))
        standing = on_record(self.rollout)
        fresh = [
            one for one in crossed if key_of(feature_row(self._judge.shown(one.feature))) not in standing.found
        ]
        found = tuple(self._body(one) for one in fresh)
        for body in found:
            standing.feed("difference", body)
        because = standing.because()
        holds = bool(because) and self.change.guard.unregistered in (None, "hold")
        return Differing(found, because, self._shown(source, standing), holds)

    def _body(self, crossing: Crossing) -> dict[str, Any]:
        shown = self._judge.shown(crossing.feature)
        old, new = counts_of(shown)
        return {
            "feature": feature_row(shown),
            "held": can_be_met(shown, is_timed=_is_timed(self.change)),
            "old": old,
            "new": new,
            "evidence": round(crossing.evidence, 2),
            "needed": round(crossing.needed, 2),
            "because": sentence(shown).plain(),
        }

    def _shown(self, source: Comparable, standing: Differences) -> dict[str, Any]:
        known = {(one.kind, one.route, one.value): one for one in self._judge.features}
        parts = [
            Part(self._judge.shown(known[key]), bool(body["held"]), key in standing.accepted)
            for key, body in standing.found.items()
            if key in known
        ]
        groups = groups_of(parts)
        examples = source.examples([group[0].shown.feature for group in groups[:MOST]])
        return {
            "lines": [line_of(group, examples.get(group[0].shown.feature.number)) for group in groups[:MOST]],
            "more": max(0, len(groups) - MOST),
            "waiting": sum(any(one.is_waiting for one in group) for group in groups),
        }


def _is_timed(change: Change) -> bool:
    """A metric reads how long answers take."""
    return any("duration_ms" in metric.model_dump_json() for metric in change.experience.metrics)
