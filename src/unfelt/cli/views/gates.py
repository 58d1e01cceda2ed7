"""Gates for people: what is open, what holds the rest, and what can be done about it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unfelt.cli.views.names import gate_name, kind_name, role_name, standing_name, titled
from unfelt.conf.language import _, ngettext
from unfelt.documents.change import Change
from unfelt.engines.ledger.gates.calendar import Due
from unfelt.engines.ledger.gates.care import CARES, Care
from unfelt.engines.ledger.gates.compliance import KINDS, Compliance
from unfelt.engines.ledger.gates.decide import Case, Evaluation, GateStanding, Standing


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


def compliance_view(found: Compliance) -> RenderableType:
    """The whole in one line, then the areas, then the standards."""
    names = (_("measured"), _("signed"), _("waived"), _("does not apply"), _("open"))
    areas = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    areas.add_column(_("area"))
    for name in names:
        areas.add_column(name, justify="right")
    for one in found.areas:
        areas.add_row(titled(one.area.title), *(str(one.counts[kind]) for kind in KINDS))
    parts: list[RenderableType] = [Text(totals_line(found), style="bold"), areas]
    for standard, clauses in found.standards.items():
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for clause in clauses:
            left = ", ".join(clause.area.open) or "✓"
            table.add_row(f"  {clause.clauses}", titled(clause.area.area.title), left)
        parts += [Text(standard, style="bold"), table]
    return Group(*parts)


def totals_line(found: Compliance) -> str:
    """How many controls stand where, in one line."""
    total = _(
        "{measured} measured, {signed} signed, {waived} waived, {not_applicable} not applicable, {open} open"
    )
    return total.format(**found.total)


def due_name(state: str) -> str:
    """Where recurring work stands, for people."""
    return {"overdue": _("overdue"), "soon": _("due soon"), "fresh": _("fresh")}[state]


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


def care_name(cares: Sequence[Care]) -> str:
    """The most careful of what plans said before, for people."""
    most = max(cares, key=CARES.index)
    return {"none": "–", "by model": tier_name("standard")}.get(most) or tier_name(most)


def tier_name(tier: str) -> str:
    """A tier for people."""
    return {
        "standard": _("a standard change"),
        "normal": _("a normal change"),
        "major": _("a major change"),
        "emergency": _("an emergency"),
    }[tier]


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


def whose(one: Standing, change: Change) -> str:
    """The role that answers for the control, and the people whom the plan names for it."""
    people = [person.name for person in change.people if one.control.owner in person.roles]
    role = role_name(one.control.owner)
    return _("{role} ({people})").format(role=role, people=", ".join(people)) if people else role


def _row(one: Standing, change: Change) -> tuple[str, ...]:
    title = titled(one.control.title)
    why = str(one.why)
    if one.state == "missing":
        why = _("takes {kinds}").format(kinds=", ".join(map(_kind, one.control.evidence)))
    said = _("{state}: {why}").format(state=standing_name(one.state), why=why)
    return f"  {one.control.id}", title, whose(one, change), said


def _kind(kind: str) -> str:
    """The kind's name, and the word to type where that is another one."""
    return kind_name(kind) if kind_name(kind) == kind else f"{kind_name(kind)} {kind}"
