"""From playbook, plan and evidence to open gates and what holds the others: pure, no clock."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Playbook
from unfelt.documents.units import format_duration
from unfelt.engines.ledger.gates.facts import Evidence, Waiver, part_digests
from unfelt.engines.ledger.gates.opening import gates_of
from unfelt.engines.ledger.gates.standing import SIGNED_FOR, Case, Evaluation, Standing, State
from unfelt.engines.ledger.gates.superseding import current
from unfelt.engines.ledger.origins import LABELS, STRENGTH, candidate_of, is_measured, suffices
from unfelt.engines.ledger.payload import form_of, is_known
from unfelt.engines.ledger.rules import Rules


def evaluate(
    playbook: Playbook,
    case: Case,
    evidence: Iterable[Evidence],
    waivers: Iterable[Waiver],
    *,
    parts: Mapping[str, str] | None = None,
) -> Evaluation:
    """Adding passing evidence never shuts a gate, time passing never opens one.

    Of each kind of evidence the newest record counts that is about the plan as it is. A failure does not expire:
    it is answered by newer evidence of its kind, or by an edit of what it was about. A record that says in whose
    place it is takes that one away with it: it is as if that one had never been.

    parts: the digests of the plan's parts, where they are known.
    """
    digests = parts_of(playbook, case.plan) if parts is None else parts
    found, let = _by_control(current(evidence)), _by_control(waivers)
    standings = tuple(_standing(one, case, digests, found[one.id], let[one.id]) for one in playbook.controls)
    return Evaluation(standings, gates_of(standings, case))


def evaluate_again(
    found: Evaluation,
    case: Case,
    evidence: Iterable[Evidence],
    waivers: Iterable[Waiver],
    *,
    parts: Mapping[str, str],
    controls: Collection[str],
) -> Evaluation:
    """What `evaluate` gives, where only these controls can stand elsewhere than found."""
    given, let = _by_control(current(evidence)), _by_control(waivers)
    standings = tuple(
        _standing(one.control, case, parts, given[one.control.id], let[one.control.id])
        if one.control.id in controls
        else one
        for one in found.controls
    )
    return Evaluation(standings, gates_of(standings, case))


def parts_of(playbook: Playbook, plan: Mapping[str, Any]) -> dict[str, str]:
    """The digest of every part of the plan that a control relies on: each is looked up and hashed once."""
    return part_digests(plan, sorted({part for one in playbook.controls for part in one.relies_on}))


Given = TypeVar("Given", Evidence, Waiver)


def _by_control(given: Iterable[Given]) -> dict[str, list[Given]]:
    found: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        found[one.control].append(one)
    return found


def applies(control: Control, case: Case) -> Message | None:
    """None where the control applies; else the rule by which it does not."""
    if case.tier == "emergency":
        if control.emergency is None:
            return Message("an emergency change is not asked for it")
    elif case.tier not in control.tiers:
        return Message("a {tier} change is not asked for it", tier=case.tier)
    for fact, value in control.unless.items():
        if case.facts.get(fact) == value:
            return Message("does not apply: {fact} is {value}", fact=fact, value=value)
    return None


def _standing(
    control: Control, case: Case, parts: Mapping[str, str], evidence: list[Evidence], waivers: list[Waiver]
) -> Standing:
    rule = applies(control, case)
    if rule is not None:
        return Standing(control, "not_applicable", rule)
    best = _judged(control, case, {part: parts[part] for part in control.relies_on}, evidence)
    live = [one for one in waivers if one.given_at <= case.now < one.until]
    if not live:
        return best
    last = max(live, key=lambda one: one.until)
    why = Message(
        "waived until {until} by {by}, agreed by {agreed_by}: {reason}",
        until=f"{last.until:%Y-%m-%d %H:%M} UTC",
        by=last.by,
        agreed_by=last.agreed_by,
        reason=last.reason,
    )
    return (
        replace(best, is_waived=True) if best.state == "pass" else Standing(control, "waived", why, best.evidence)
    )


def _judged(control: Control, case: Case, digests: Mapping[str, str], evidence: list[Evidence]) -> Standing:
    ordered = sorted(evidence, key=lambda each: (each.found_at, each.number))
    candidate = candidate_of(case.plan)
    of_plan = [one for one in ordered if one.programme or dict(one.parts) == digests]
    tried = [one for one in of_plan if one.candidate in ("", candidate)]
    kinds = [kind for kind in control.evidence if any(one.kind == kind for one in tried)]
    if not kinds and ordered:
        why = Message("the plan was changed where this evidence relies on it")
        if of_plan:
            why = Message("another candidate was tried, and not the one that the plan names now")
        return Standing(control, "stale", why, ordered[-1])
    if not kinds:
        return Standing(control, "missing", Message("no evidence yet"))
    standings = [_newest(control, [one for one in tried if one.kind == kind], case) for kind in kinds]
    return min(standings, key=partial(_order, candidate))


_RANK: tuple[State, ...] = ("fail", "pass", "stated", "signed", "weak", "inconclusive", "not_run", "expired")
"""Of several kinds of evidence the first of these states is the control's; of two alike, that of the stronger."""


def _order(candidate: str, one: Standing) -> tuple[int, int]:
    worth = 0
    if one.evidence is not None:
        worth = STRENGTH[one.evidence.origin] + 4 * is_measured(one.evidence, candidate)
    return _RANK.index(one.state), -worth


def _newest(control: Control, records: list[Evidence], case: Case) -> Standing:
    """By the newest record of one kind; of the passes since, the strongest that still counts."""
    rules = Rules.of(control)
    records = [_judged_again(rules, one) for one in records]
    passes: list[Standing] = []
    for one in reversed(records):
        if one.verdict != "pass":
            break
        passes.append(_by(control, one, case.now))
    last = passes[0] if passes else _by(control, records[-1], case.now)
    return min(
        [one for one in passes if one.state != "expired"],
        key=partial(_order, candidate_of(case.plan)),
        default=last,
    )


def _judged_again(rules: Rules, one: Evidence) -> Evidence:
    """The record under the limits as they are now, where they were others when it was written."""
    if one.limits is None or one.limits == rules.texts():
        return one
    if not is_known(one.kind):
        said = Message("evidence of kind {kind} cannot be read: its plug-in is not installed", kind=one.kind)
        return replace(one, verdict="inconclusive", why=said)
    verdict, why = rules.judge(form_of(one.kind).model_validate(one.payload))
    return replace(one, verdict=verdict, why=why)


def _by(control: Control, one: Evidence, now: datetime) -> Standing:
    why = one.why if isinstance(one.why, Message) else Message("{why}", why=one.why or "–")
    if one.verdict == "fail":
        return Standing(control, "fail", why, one)
    valid = min(control.valid, SIGNED_FOR) if one.origin in ("stated", "signed") else control.valid
    end = one.found_at + valid
    end = end if one.until is None else min(end, one.until)
    if now >= end:
        return Standing(
            control,
            "expired",
            Message(
                "older than {valid}, since {end}", valid=format_duration(valid), end=f"{end:%Y-%m-%d %H:%M} UTC"
            ),
            one,
        )
    if one.verdict == "pass":
        return _passed(control, one, why)
    return Standing(control, one.verdict, why, one)


def _passed(control: Control, one: Evidence, why: Message) -> Standing:
    """What passes is worth what it was come by."""
    if control.evidence == ("sign-off",):
        return Standing(control, "pass", why, one)
    if not suffices(one.origin, control.least):
        too_weak = Message(
            "{why}, but {origin}; it takes what is at least {least}",
            why=why,
            origin=LABELS[one.origin],
            least=LABELS[control.least],
        )
        return Standing(control, "weak", too_weak, one)
    if one.origin == "signed":
        return Standing(control, "signed", Message("signed by {by}, not measured", by=one.by), one)
    if one.origin == "stated":
        stated = Message("{why}, as {by} says", why=why, by=one.by) if one.by else why
        return Standing(control, "stated", stated, one)
    return Standing(control, "pass", why, one)
