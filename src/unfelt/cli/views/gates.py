"""Gates for people: what is open, what holds the rest, and what can be done about it."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unfelt.conf.language import _, ngettext
from unfelt.documents.change import Change
from unfelt.engines.ledger.gates.calendar import Due
from unfelt.engines.ledger.gates.compliance import KINDS, Compliance
from unfelt.engines.ledger.gates.standing import Case, Evaluation, GateStanding, Standing
from unfelt.engines.ledger.origins import LABELS
from unfelt.engines.ledger.phrases import (
    debts_line,
    due_name,
    gate_name,
    kind_name,
    standing_name,
    tier_name,
    totals_line,
    whose,
)


def gates_view(found: Evaluation, case: Case, change: Change, path: Path) -> RenderableType:
    """Every gate, and under each shut one the controls that hold it."""
    parts: list[RenderableType] = [
        Text(
            _("{path}, taken as {tier}: {why}").format(path=path, tier=tier_name(case.tier), why=case.why),
            style="dim",
        )
    ]
    if debts := debts_line(found, case):
        parts.append(Text(debts, style="bold red" if case.is_overdue else "bold yellow"))
    for gate in found.gates:
        parts.append(_head(gate))
        if gate.holding:
            parts.append(_holding(gate, change))
    parts.append(
        Text(_("Next: unfelt assess, unfelt probe, unfelt evidence add, unfelt sign, unfelt waive"), style="dim")
    )
    return Group(*parts)


def compliance_view(found: Compliance) -> RenderableType:
    """The whole in one line, then the areas, then the standards."""
    names = (*map(str, LABELS.values()), _("waived"), _("does not apply"), _("open"))
    areas = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    areas.add_column(_("area"))
    for name in names:
        areas.add_column(name, justify="right")
    for one in found.areas:
        areas.add_row(str(one.area.title), *(str(one.counts[kind]) for kind in KINDS))
    parts: list[RenderableType] = [Text(totals_line(found), style="bold"), areas]
    for standard, clauses in found.standards.items():
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for clause in clauses:
            left = ", ".join(clause.area.open) or ("✓" if clause.area.is_answered else "–")
            table.add_row(f"  {clause.clauses}", str(clause.area.area.title), left)
        parts += [Text(standard, style="bold"), table]
    return Group(*parts)


def calendar_view(due: tuple[Due, ...]) -> Table:
    """Recurring work, the most pressing first."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in (_("due"), "", _("control"), _("work"), _("whose"), _("last done")):
        table.add_column(name, no_wrap=name == _("control"), overflow="fold")
    styles = {"overdue": "bold red", "soon": "yellow", "fresh": "green"}
    for one in due:
        last = f"{one.last.found_at:%Y-%m-%d}" if one.last else _("never")
        state = Text(due_name(one.state), style=styles[one.state])
        table.add_row(one.day.isoformat(), state, one.work.control, one.work.what, one.work.owner, last)
    return table


def _head(gate: GateStanding) -> Text:
    name = gate_name(gate.gate)
    if gate.is_open:
        text = ngettext("{gate}: open ({n} control)", "{gate}: open ({n} controls)", gate.asked)
        return Text("✓ " + text.format(gate=name, n=gate.asked), style="bold green")
    if not gate.holding:
        said = _("{gate}: shut behind {before}").format(gate=name, before=gate_name(gate.behind or "plan"))
        return Text("✗ " + said, style="bold yellow")
    text = ngettext(
        "{gate}: held by {n} control of {all}", "{gate}: held by {n} controls of {all}", len(gate.holding)
    )
    return Text("✗ " + text.format(gate=name, n=len(gate.holding), all=gate.asked), style="bold red")


def _holding(gate: GateStanding, change: Change) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True, style="bold")
    for _column in range(3):
        table.add_column(overflow="fold")
    for one in gate.holding:
        table.add_row(*_row(one, change))
    return table


def _row(one: Standing, change: Change) -> tuple[str, ...]:
    title = str(one.control.title)
    why = str(one.why)
    if one.state == "missing":
        why = _("takes {kinds}").format(kinds=", ".join(map(_kind, one.control.evidence)))
    said = _("{state}: {why}").format(state=standing_name(one.state), why=why)
    return f"  {one.control.id}", title, whose(one, change), said


def _kind(kind: str) -> str:
    """The kind's name, and the word to type where that is another one."""
    return kind_name(kind) if kind_name(kind) == kind else f"{kind_name(kind)} {kind}"
