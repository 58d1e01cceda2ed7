"""What a plan says about itself: numbers by name, and the rows that are wanting. Pure, no clock.

Nothing here knows a control by its name: one is answered when its limits ask for numbers that are found here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Obligation
from unfelt.documents.sections import Step


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and the rows behind it that are wanting."""

    value: float
    wanting: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What is known besides the plan: the time, and obligations."""

    now: datetime
    obligations: tuple[Obligation, ...] = ()


Assessment = Mapping[str, Number]
Assess = Callable[[Change, Around], Number | None]


def assess(change: Change, around: Around) -> Assessment:
    """Every number that the plan gives; one whose section was left out is not there."""
    found = {name: one(change, around) for name, one in ASSESSED.items()}
    return {name: one for name, one in found.items() if one is not None}


def _counted(rows: Sequence[Message]) -> Number:
    return Number(float(len(rows)), tuple(rows))


def _orphan_steps(change: Change, _around: Around) -> Number | None:
    if not change.needs:
        return None
    return _counted([Message("step {step} serves no need", step=one.id) for one in change.steps if not one.serves])


def _untested_needs(change: Change, _around: Around) -> Number | None:
    if not change.needs:
        return None
    rows = [one.id for one in change.needs if one.expect is None and one.shown_by is None]
    return _counted([Message("nothing will show that need {need} is met", need=name) for name in rows])


def _without_source(change: Change, _around: Around) -> Number | None:
    if not change.needs:
        return None
    rows = [one.id for one in change.needs if one.source is None]
    return _counted([Message("need {need} does not say where it is known from", need=name) for name in rows])


def _unrated_touchpoints(change: Change, _around: Around) -> Number | None:
    if not change.risks and not change.touches:
        return None
    rated = {risk.on for risk in change.risks}
    rows = [name for name in change.touches if name not in rated]
    return _counted([Message("{touchpoint} has no rated way to fail", touchpoint=name) for name in rows])


def _classes_missing(change: Change, _around: Around) -> Number | None:
    if not change.risks:
        return None
    kinds = {risk.kind for risk in change.risks}
    rows = [kind for kind in ("technical", "business", "experience") if kind not in kinds]
    return _counted([Message("no risk of kind {kind} is named", kind=kind) for kind in rows])


def _beyond_budget(change: Change, _around: Around) -> Number | None:
    if not change.risks:
        return None
    from unfelt.engines.planning import schedule

    return Number(schedule.chance_beyond_budget(change.risks, change.guard.impact_budget))


def _people_per_skill(change: Change, _around: Around) -> Number | None:
    skills = {step.skill for step in (*change.steps, *change.way_back) if step.skill}
    if not skills or not change.people:
        return None
    having = {skill: sum(skill in person.skills for person in change.people) for skill in sorted(skills)}
    fewest = min(having.values())
    rows = [Message("{n} know {skill}", n=n, skill=skill) for skill, n in having.items() if n == fewest]
    return Number(float(fewest), tuple(rows))


def _overbooked(change: Change, _around: Around) -> Number | None:
    """Somebody has two steps at once, or is away without a deputy who is there."""
    if change.window is None or not change.steps or not change.people:
        return None
    from unfelt.engines.planning import schedule

    spans = schedule.spans(change.steps, change.window.start)
    rows = [
        Message("{person} has {one} and {two} at the same time", person=one.by, one=one.id, two=two.id)
        for number, one in enumerate(change.steps)
        for two in change.steps[number + 1 :]
        if one.by and one.by == two.by and overlap(spans[one.id], spans[two.id])
    ]
    rows += [
        Message("{person} is away during {step}, and so is their deputy", person=step.by, step=step.id)
        for step in change.steps
        if step.by and not _is_there(change, step.by, spans[step.id])
    ]
    rows += [Message("nobody is named for {step}", step=step.id) for step in change.steps if not step.by]
    return _counted(rows)


def _is_there(change: Change, name: str, span: tuple[datetime, datetime]) -> bool:
    people = {person.id: person for person in change.people}
    asked = [people[name], *([people[deputy]] if (deputy := people[name].deputy) else [])]
    return any(not any(overlap(span, (away.start, away.end)) for away in one.away) for one in asked)


def _schedule_confidence(change: Change, _around: Around) -> Number | None:
    if change.window is None or not change.steps:
        return None
    from unfelt.engines.planning import schedule

    return Number(schedule.chance_in_time(change.steps, change.window.end - change.window.start))


def _budget_confidence(change: Change, _around: Around) -> Number | None:
    if change.costs is None:
        return None
    from unfelt.engines.planning import schedule

    return Number(schedule.chance_within_budget(change.costs))


def _recovery_time(change: Change, _around: Around) -> Number | None:
    """The way back at worst, in seconds, each step after those before it."""
    if not change.way_back:
        return None
    worst = [_at_worst(step) for step in change.way_back]
    from unfelt.engines.planning import schedule

    last = max(float(end[0]) for end in schedule.ends(worst, schedule.usual(worst)).values())
    return Number(last)


def _at_worst(step: Step) -> Step:
    return step.model_copy(update={"takes": step.may_take or step.takes})


def _open_duties(change: Change, around: Around) -> Number | None:
    """Obligations whose facts hold and that the plan does not say how it meets. Without facts nothing is known."""
    facts = change.change.facts
    if not facts:
        return None
    met = {duty.duty for duty in change.duties}
    due = [one for one in around.obligations if all(facts.get(name) == value for name, value in one.when.items())]
    return _counted(
        [
            Message("obligation {duty} is due, and `duties` does not say how it is met", duty=one.id)
            for one in due
            if one.id not in met
        ]
    )


def _groups_without_course(change: Change, _around: Around) -> Number | None:
    if not change.courses:
        return None
    taught = {course.about for course in change.courses}
    rows = [name for name in change.touches if name not in taught]
    return _counted([Message("nobody is taught about {touchpoint}", touchpoint=name) for name in rows])


def _expired_papers(change: Change, around: Around) -> Number | None:
    if not change.partners:
        return None
    last = (change.window.end if change.window else around.now).date()
    rows = []
    for partner in change.partners:
        if partner.papers_until is None or partner.papers_until < last:
            day = partner.papers_until.isoformat() if partner.papers_until else "–"
            rows.append(Message("the papers of {partner} end {day}", partner=partner.name, day=day))
    return _counted(rows)


def overlap(one: tuple[datetime, datetime], two: tuple[datetime, datetime]) -> bool:
    """They have some time in common."""
    return one[0] < two[1] and two[0] < one[1]


ASSESSED: Mapping[str, Assess] = {
    "orphan_steps": _orphan_steps,
    "untested_needs": _untested_needs,
    "without_source": _without_source,
    "unrated_touchpoints": _unrated_touchpoints,
    "classes_missing": _classes_missing,
    "beyond_budget": _beyond_budget,
    "people_per_skill": _people_per_skill,
    "overbooked": _overbooked,
    "schedule_confidence": _schedule_confidence,
    "budget_confidence": _budget_confidence,
    "recovery_time": _recovery_time,
    "open_duties": _open_duties,
    "groups_without_course": _groups_without_course,
    "expired_papers": _expired_papers,
}
"""Each number that a plan gives, by the name that controls ask for."""
