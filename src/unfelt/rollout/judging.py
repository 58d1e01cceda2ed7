"""The guard of each part of a rollout, and what it is asked at a look: the same live and in a replay."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from unfelt.adapters.sources import Batch
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import Decision, Guard
from unfelt.rollout.decide import Standing, State


def baseline_plan(change: Change) -> Change:
    """The plan with nothing to prove by segment: their values are known only after the baseline."""
    segments = tuple(
        segment.model_copy(update={"margin": None, "values": ()}) for segment in change.experience.segments
    )
    experience = change.experience.model_copy(update={"segments": segments})
    return change.model_copy(update={"experience": experience})


def baseline_guard(change: Change) -> Guard:
    """A guard that sees both groups on old: they must be alike."""
    return Guard(baseline_plan(change))


def watching_guard(change: Change, segments: Mapping[str, Sequence[str]], *, after: Guard) -> Guard:
    """The guard that judges the change by these values of the segments, after that of the baseline."""
    return Guard(change, segments=segments, rate=after.rate)


def judged(
    guard: Guard,
    batch: Batch,
    standing: Standing,
    *,
    at: datetime,
    trouble: Message | None,
    is_shown: bool = True,
) -> Decision:
    """What the guard says to the batch; in the baseline nobody is on `new` and nobody is exposed."""
    baseline = standing.state is State.BASELINE
    return guard.observe(
        batch.tallies,
        failures=batch.failures,
        splits=batch.splits,
        exposed=0 if baseline else batch.exposed,
        in_flight=0 if baseline else batch.in_flight,
        felt=0 if baseline else batch.felt,
        at=at,
        share=0.0 if baseline else standing.share,
        unmeasured=trouble,
        is_shown=is_shown,
    )
