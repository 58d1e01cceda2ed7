"""Words for gates, controls and evidence, in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from unfelt.conf.language import Message, _, ngettext
from unfelt.documents.change import Change
from unfelt.engines.ledger.gates.care import CARES, Care
from unfelt.engines.ledger.gates.compliance import Compliance
from unfelt.engines.ledger.gates.facts import Evidence
from unfelt.engines.ledger.gates.standing import Case, Evaluation, Standing
from unfelt.engines.ledger.origins import LABELS
from unfelt.engines.ledger.payload import form_of, is_known
from unfelt.engines.people.phrases import role_name

MISSION_SAID = Message("Mission store: its people are simulated, and its business clock was moved by hand.")
"""Said on every page and report of one."""


def gate_name(gate: str) -> str:
    """A gate for people."""
    return {
        "plan": _("Gate plan"),
        "ready": _("Gate ready"),
        "go": _("Gate go"),
        "proof": _("Gate proof"),
        "close": _("Gate close"),
        "programme": _("Programme"),
    }[gate]


def standing_name(state: str) -> str:
    """Where a control stands, for people."""
    return {
        "pass": _("passed"),
        "stated": _("stated, not measured"),
        "signed": _("signed, not measured"),
        "weak": _("not enough"),
        "waived": _("waived"),
        "not_applicable": _("does not apply"),
        "fail": _("failed"),
        "inconclusive": _("not decided"),
        "not_run": _("not run"),
        "stale": _("stale"),
        "expired": _("expired"),
        "missing": _("missing"),
    }[state]


def report_state(state: str) -> str:
    """What a report is of, for people."""
    return {
        "ran": _("it is of a run"),
        "nothing": _("nothing ran"),
        "failed": _("the tool failed"),
        "little": _("the run was too short"),
        "broken": _("the run failed"),
    }[state]


def kind_name(kind: str) -> str:
    """A kind of evidence for people; the word to type is the English one."""
    return str(form_of(kind).label) if is_known(kind) else kind


def tier_name(tier: str) -> str:
    """A tier for people."""
    return {
        "standard": _("a standard change"),
        "normal": _("a normal change"),
        "major": _("a major change"),
        "emergency": _("an emergency"),
    }[tier]


def care_name(cares: Sequence[Care]) -> str:
    """The most careful of what plans said before, for people."""
    most = max(cares, key=CARES.index)
    return {"none": "–", "by model": tier_name("standard")}.get(most) or tier_name(most)


def due_name(state: str) -> str:
    """Where recurring work stands, for people."""
    return {"overdue": _("overdue"), "soon": _("due soon"), "fresh": _("fresh")}[state]


def debts_line(found: Evaluation, case: Case) -> str:
    """What an emergency that has moved customers still owes, and by when; empty where it owes nothing."""
    left = found.gate("close").holding
    if case.owed_until is None or not left:
        return ""
    text = ngettext("It owes {n} answer", "It owes {n} answers", len(left)).format(n=len(left))
    end = f"{case.owed_until:%Y-%m-%d %H:%M} UTC"
    if case.is_overdue:
        return _("{owes}, overdue since {end}").format(owes=text, end=end)
    return _("{owes}, until {end}").format(owes=text, end=end)


def totals_line(found: Compliance) -> str:
    """How many controls stand where, in one line."""
    total = _(
        "{observed} observed, {derived} derived, {read} read, {stated} stated, {signed} signed, {waived} waived, "
        "{not_applicable} not applicable, {open} open"
    )
    return total.format(**found.total)


def whose(one: Standing, change: Change) -> str:
    """The role that answers for the control, and the people whom the plan names for it."""
    people = [person.name for person in change.people if one.control.owner in person.roles]
    role = role_name(one.control.owner)
    return _("{role} ({people})").format(role=role, people=", ".join(people)) if people else role


def evidence_lines(one: Evidence | None) -> Iterable[tuple[str, str]]:
    """What there is about a control: kind, time, number of the entry, and what the payload shows."""
    if one is None:
        return []
    how = f"{kind_name(one.kind)}, {LABELS[one.origin]}"
    head = (how, f"{time_of(one.found_at)} · #{one.number}" + (f" · {one.by}" if one.by else ""))
    return [head, *payload_lines(one)]


def payload_lines(one: Evidence) -> Iterable[tuple[str, str]]:
    """What the evidence itself shows: a label and a text each."""
    if one.limits is None or not is_known(one.kind):
        return []
    payload = form_of(one.kind).model_validate(one.payload)
    return [(str(label), text) for label, text in payload.lines()]


def takes(one: Standing) -> str:
    """The kinds of evidence that would answer the control, strongest first."""
    return ", ".join(kind_name(kind) for kind in one.control.evidence)


def time_of(at: datetime) -> str:
    """To the minute, with its zone."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
