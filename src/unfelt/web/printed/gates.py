"""Gates and compliance of a change as a page that stands alone and prints well."""

from functools import partial

from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.engines.ledger.gates.compliance import compliance_of, standing_kind
from unfelt.engines.ledger.gates.standing import ORDER, Case, Evaluation
from unfelt.engines.ledger.phrases import (
    MISSION_SAID,
    debts_line,
    evidence_lines,
    gate_name,
    kind_name,
    standing_name,
    takes,
    tier_name,
    time_of,
    totals_line,
    whose,
)
from unfelt.records.business_time import is_mission
from unfelt.web.printed.pages import page


def gates_page(change: Change, playbook: Playbook, case: Case, found: Evaluation) -> str:
    """HTML in one file: the gates, what holds them, every control with its evidence, the clauses of standards."""
    states = {one.control.id: one for one in found.controls}
    summed = compliance_of(playbook, found)
    return page(
        "gates.html",
        change=change.change,
        tier=tier_name(case.tier),
        why=str(case.why),
        at=time_of(case.now),
        mission=str(MISSION_SAID) if is_mission() else "",
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
        evidence_lines=evidence_lines,
        takes=takes,
    )
