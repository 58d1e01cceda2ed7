"""Gates and compliance of a change as a page that stands alone and prints well."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from unfelt.cli.views.gates import debts_line, tier_name, totals_line, whose
from unfelt.cli.views.names import gate_name, kind_name, standing_name, titled
from unfelt.cli.views.pages import page
from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.engines.ledger.gates.compliance import compliance_of, standing_kind
from unfelt.engines.ledger.gates.decide import ORDER, Case, Evaluation, Standing
from unfelt.engines.ledger.gates.facts import Evidence
from unfelt.engines.ledger.kinds import KINDS as EVIDENCE


def gates_page(change: Change, playbook: Playbook, case: Case, found: Evaluation) -> str:
    """HTML in one file: the gates, what holds them, every control with its evidence, the clauses of standards."""
    states = {one.control.id: one for one in found.controls}
    summed = compliance_of(playbook, found)
    return page(
        "gates.html",
        change=change.change,
        tier=tier_name(case.tier),
        why=str(case.why),
        at=_time(case.now),
        debts=debts_line(found, case),
        is_overdue=case.is_overdue,
        gates=[found.gate(name) for name in (*ORDER, "programme")],
        areas=[(area, [states[control.id] for control in area.controls]) for area in playbook.areas],
        total=totals_line(summed),
        standards=summed.standards,
        kind=standing_kind,
        gate_name=gate_name,
        kind_name=kind_name,
        whose=partial(whose, change=change),
        standing_name=standing_name,
        titled=titled,
        evidence_lines=evidence_lines,
        takes=takes,
    )


def evidence_lines(one: Evidence | None) -> Iterable[tuple[str, str]]:
    """What there is about a control: kind, time, number of the entry, and what the payload shows."""
    if one is None:
        return []
    head = (kind_name(one.kind), f"{_time(one.found_at)} · #{one.number}" + (f" · {one.by}" if one.by else ""))
    return [head, *payload_lines(one)]


def payload_lines(one: Evidence) -> Iterable[tuple[str, str]]:
    """What the evidence itself shows: a label and a text each."""
    if one.limits is None:
        return []
    payload = EVIDENCE[one.kind].model_validate(one.payload)
    return [(str(label), text) for label, text in payload.lines()]


def takes(one: Standing) -> str:
    """The kinds of evidence that would answer the control, strongest first."""
    return ", ".join(kind_name(kind) for kind in one.control.evidence)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
