"""What plans on record say about a change, beside each other and beside the catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from unfelt.conf.language import Message
from unfelt.documents.playbook import Origin
from unfelt.documents.sections import Risk
from unfelt.engines.ledger.gates.deriving import Deriver, Ground, Number, Records
from unfelt.engines.ledger.gates.standing import Standing
from unfelt.engines.ledger.origins import weakest
from unfelt.engines.planning.assess import overlap
from unfelt.engines.planning.history import Others, Planned, Span, planned, unproved_parts, windows_beside
from unfelt.kernel.effects import least_effect

BARRIERS = ("avoid", "reduce", "transfer")
"""What is done about a risk that takes a barrier."""
MOST_EARNED = 10.0
"""A change that is further than planned is never called more than ten times as fast."""
BEFORE_GO = ("plan", "ready", "go")
"""Gates whose controls are work before the window."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The revisions of the changes by their digests, windows of others that touch the same, and parts.

    parts: of each change that has some, those that it led to and whether each was proved.
    """

    revisions: Mapping[str, Planned]
    others: Mapping[str, Others]
    parts: Mapping[str, Mapping[str, bool]]


def _gather(records: Records) -> Beside:
    changes, now, before = records.changes, records.now, records.before
    parts = unproved_parts(changes, now, before)
    return Beside(planned(changes), windows_beside(changes, now, before), parts)


@dataclass(frozen=True, slots=True)
class Dated:
    """A plan that gave the change this window, and when it was saved."""

    at: datetime
    window: Span
    adjusted: tuple[str, ...]


def _dated(ground: Ground) -> list[Dated]:
    """The plans of the change that had a window, in their order."""
    found = []
    for one in ground.told:
        plan = ground.beside.revisions.get(one.revision) if one.kind == "planned" else None
        if plan is not None and plan.window is not None:
            found.append(Dated(one.at, plan.window, plan.adjusted))
    return found


def _numbers(ground: Ground) -> Mapping[str, Number]:
    found = {
        "conflicts": _conflicts(ground),
        "unresolved": _unresolved(ground),
        "unwatched": _unwatched(ground),
        "without_reason": _without_reason(ground),
        "open_children": _open_children(ground),
        "effect_at_least": _effect_at_least(ground),
    }
    return {name: one for name, one in found.items() if one is not None}


def _conflicts(ground: Ground) -> Number | None:
    """The window is over, meets a freeze of the catalog, or that of another change on the same touchpoints."""
    window = ground.change.window
    if window is None:
        return None
    own, touches = (window.start, window.end), set(ground.change.touches)
    rows = [Message("it is over")] if window.end <= ground.now else []
    freezes = ground.catalog.freezes if ground.catalog is not None else ()
    rows += [
        Message("it lies in the freeze {freeze}", freeze=one.name)
        for one in freezes
        if overlap(own, (one.start, one.end)) and (not one.touches or touches.intersection(one.touches))
    ]
    rows += [
        Message("change {other} has its window then, on the same touchpoints", other=name)
        for name, span in ground.beside.others.get(ground.change.change.id, ())
        if overlap(own, span)
    ]
    return Number(float(len(rows)), tuple(rows))


def _unresolved(ground: Ground) -> Number | None:
    """Criteria that no metric of the guard shows: the guard holds every metric of the plan to its margin."""
    if not ground.change.criteria:
        return None
    metrics = {one.id for one in ground.change.experience.metrics}
    rows = [
        Message("no metric shows: {criterion}", criterion=one.says)
        for one in ground.change.criteria
        if one.metric not in metrics
    ]
    return Number(float(len(rows)), tuple(rows))


def _unwatched(ground: Ground) -> Number | None:
    """Risks of which no metric that the guard watches would show anything."""
    if not ground.change.risks:
        return None
    metrics = {one.id for one in ground.change.experience.metrics}
    rows = [
        Message("no metric shows risk {risk} coming", risk=one.id)
        for one in ground.change.risks
        if one.trigger not in metrics
    ]
    return Number(float(len(rows)), tuple(rows))


def _without_reason(ground: Ground) -> Number | None:
    """Plans that put the end of the window off, and say nothing about why under `adjusted`."""
    known = _dated(ground)
    if not known:
        return None
    slips = [after for one, after in pairwise(known) if after.window[1] > one.window[1]]
    silent = [one for one in slips if not any(part.startswith("/window") for part in one.adjusted)]
    rows = [
        Message("the plan of {day} moved the window and does not say why", day=one.at.date()) for one in silent
    ]
    return Number(float(len(rows)), tuple(rows), "stated" if len(silent) < len(slips) else "derived")


def _open_children(ground: Ground) -> Number | None:
    """Changes that this one led to and that no rollout has proved; without any, nothing is known."""
    parts = ground.beside.parts.get(ground.change.change.id)
    if not parts:
        return None
    rows = [Message("change {other} is not proved", other=name) for name, proved in parts.items() if not proved]
    return Number(float(len(rows)), tuple(rows))


def _effect_at_least(ground: Ground) -> Number | None:
    """By how much the metrics that needs expect to move have moved in the newest rollout, at least: the smallest.

    As a part of old's rate, at 95 % confidence; below 0 where chance explains it.
    """
    expected = {need.expect.metric: need.expect.by for need in ground.change.needs if need.expect is not None}
    rates = next((one.payload.get("rates") for one in reversed(ground.evidence) if one.kind == "rollout"), None)
    if not rates or not expected:
        return None
    effects = {
        metric: least_effect(*_counts(rates[metric]), rises=not by.strip().startswith("-"))
        for metric, by in expected.items()
        if metric in rates and all(n for n, _bad in _counts(rates[metric]))
    }
    if len(effects) < len(expected):
        return None
    rows = [
        Message("{metric}: {effect} at least", metric=metric, effect=f"{100 * effect:.1f}%")
        for metric, effect in effects.items()
    ]
    return Number(min(effects.values()), tuple(rows))


def _counts(rates: Sequence[int]) -> tuple[tuple[int, int], tuple[int, int]]:
    old_n, old_bad, new_n, new_bad = rates
    return (old_n, old_bad), (new_n, new_bad)


def _facts(ground: Ground) -> Mapping[str, str]:
    """Whether the window was moved, and whether customers have to be told."""
    known = _dated(ground)
    found = {"customers_notified": "not_required"} if _needs_no_notice(ground) else {}
    if known:
        found["date_moved"] = "true" if len({one.window for one in known}) > 1 else "false"
    return found


INTERNAL = frozenset(("job",))
"""Kinds of touchpoints that no customer meets."""


def _needs_no_notice(ground: Ground) -> bool:
    """No contract asks for it, and it is a standard change, or all that it touches is met by no customer."""
    if ground.change.change.facts.get("contract_notice") == "required":
        return False
    kinds = {one.name: one.kind for one in ground.catalog.touchpoints} if ground.catalog is not None else {}
    touched = {kinds.get(name) for name in ground.change.touches}
    return ground.change.change.tier == "standard" or (bool(touched) and touched <= INTERNAL)


# What follows from where controls stand


def _by_standings(ground: Ground) -> Mapping[str, Number]:
    found = {"beyond_tolerance": _beyond_tolerance(ground), "progress": _progress(ground)}
    return {name: one for name, one in found.items() if one is not None}


def _beyond_tolerance(ground: Ground) -> Number | None:
    """Risks without a barrier that stands: a control that is answered, or a step of the plan.

    One that is accepted fits into the budget.
    """
    if not ground.change.risks:
        return None
    steps = {one.id for one in (*ground.change.steps, *ground.change.way_back)}
    metrics = {one.id for one in ground.change.experience.metrics}
    rows: list[Message] = []
    origins: list[Origin] = []
    for risk in ground.change.risks:
        if risk.response == "accept":
            origins.append("stated")
            if risk.affects > ground.change.guard.impact_budget:
                rows.append(Message("risk {risk} is accepted and would go beyond the budget", risk=risk.id))
        elif risk.response in BARRIERS and risk.barrier in steps:
            origins.append("stated")
        elif risk.response in BARRIERS:
            standing = ground.standings.get(risk.barrier or "")
            rows += _barrier_rows(risk, standing, metrics)
            origins += [standing.origin] if standing is not None and standing.origin is not None else []
    return Number(float(len(rows)), tuple(rows), weakest(*origins))


def _barrier_rows(risk: Risk, standing: Standing | None, metrics: set[str]) -> list[Message]:
    """What is wanting; the guard itself is a barrier while the trigger is one of its metrics."""
    if not risk.barrier:
        return [Message("risk {risk} names nothing that stops it", risk=risk.id)]
    if standing is None:
        return [
            Message(
                "the barrier of risk {risk} is neither a control nor a step of the plan: {barrier}",
                risk=risk.id,
                barrier=risk.barrier,
            )
        ]
    is_the_guard = not set(BEFORE_GO).intersection(standing.control.gates) and risk.trigger in metrics
    if standing.state not in ("pass", "stated", "signed", "waived") and not is_the_guard:
        said = Message("the barrier of risk {risk} does not stand: {control}", risk=risk.id, control=risk.barrier)
        return [said]
    return []


def _progress(ground: Ground) -> Number | None:
    """Earned schedule beside the time that is gone, from the first plan with this window to its start (SPI(t)).

    Work is what plan, ready and go ask for, earned when a control is answered and never by a percentage that
    somebody claims; it is planned evenly over that time. No number before the first control is due or answered.
    """
    window = ground.change.window
    first = next((one.at for one in _dated(ground)), None)
    asked = [one for one in ground.standings.values() if _is_work(one)]
    if window is None or first is None or not asked:
        return None
    whole = (window.start - first).total_seconds()
    gone = min(1.0, (ground.now - first).total_seconds() / whole) if whole > 0 else 1.0
    earned = [one for one in asked if one.state in ("pass", "stated", "signed", "waived")]
    if gone * len(asked) < 1 and not earned:
        return None
    rows = [Message("{control} is not answered", control=one.control.id) for one in asked if one not in earned]
    planned = max(gone * len(asked), 1.0)
    value = min(MOST_EARNED, len(earned) / planned)
    return Number(value, tuple(rows) if value < 1 else ())


def _is_work(one: Standing) -> bool:
    is_own = "progress" in one.control.reads.get("derived", {}).values()
    return one.state != "not_applicable" and not is_own and bool(set(BEFORE_GO).intersection(one.control.gates))


DERIVERS = (
    Deriver("plans", ("planned",), numbers=_numbers, facts=_facts, gather=_gather),
    Deriver("standings", ("planned",), numbers=_by_standings, gather=_gather, by_standings=True),
)
