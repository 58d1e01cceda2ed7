"""The guard before anybody is moved: it sees both groups on old, and they must be alike."""

from unfelt.documents.change import Change
from unfelt.engines.guard import Guard


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
