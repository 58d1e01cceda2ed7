"""A rollout as a person watches it: the share, the budget, every metric against its margin, the log."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from unfelt.conf.language import Message, _
from unfelt.engines.ledger.promises_said import promises_said
from unfelt.rollout.phrases import row_names, shown_first, state_name

BAR = 24
"""Characters of a bar."""
MOST_ROWS = 12
"""Rows of the table of metrics; the rest is counted in a line."""
GAUGE = 8
"""Characters of a gauge in the table."""
WORTH_A_LOOK = 0.25
"""How near to going back a cell is listed first."""
NEARLY = 0.8
"""The part of the budget from which it is shown in red."""
STYLES = {
    "done": "green",
    "back": "red",
    "spent": "red",
    "unmeasured": "yellow",
    "promoting": "green",
    "soaking": "green",
}


def rollout_panel(status: Mapping[str, Any], *, title: str, log: Sequence[str] = ()) -> RenderableType:
    """The whole picture, as a panel."""
    state = status["state"]
    parts: list[RenderableType] = [_head(status), _cells(status["cells"])]
    lines = promises_said(status.get("stores", {}), state=state)
    parts += [Text(str(line), overflow="fold") for line in lines]
    if status.get("trouble"):
        parts.append(Text(str(Message.of(status["trouble"])), style="yellow"))
    parts += [Text(str(Message.of(one)), style="yellow") for one in status.get("uncounted", ())]
    differing = status.get("differing") or {"lines": [], "more": 0}
    if differing["lines"]:
        parts.append(Text(_("What else differs"), style="bold"))
        parts += [Text("  " + difference_line(line), overflow="fold") for line in differing["lines"]]
    parts += [Text("· " + line, style="dim", overflow="fold") for line in log]
    style = STYLES.get(state, "cyan")
    return Panel(Group(*parts), title=Text(title, style="bold"), subtitle=state_name(state), border_style=style)


def difference_line(line: Mapping[str, Any]) -> str:
    """A difference that no metric names, and whether it holds the promotion."""
    if line["waits"]:
        return _("{what} (waits for a person)").format(what=Message.of(line["what"]))
    if line["accepted"]:
        said = _("accepted by {by}: {reason}").format(**line["accepted"])
        return f"{Message.of(line['what'])} ({said})"
    return f"{Message.of(line['what'])} ({_('accepted')})" if line["held"] else str(Message.of(line["what"]))


def bar(part: float, style: str) -> Text:
    """A part of a whole, between 0 and 1."""
    filled = round(BAR * min(1.0, max(0.0, part)))
    return Text("█" * filled, style=style) + Text("░" * (BAR - filled), style="dim")


def affected_line(status: Mapping[str, Any]) -> str:
    """`at most 7 of 60 affected`."""
    return _("at most {at_most} of {budget} affected").format(
        at_most=status["affected"]["at_most"], budget=status["budget"]
    )


def counts(arm: Mapping[str, int]) -> str:
    """Bad out of all."""
    return f"{arm['bad']}/{arm['n']}" if arm["n"] else "–"


def rate(arm: Mapping[str, int]) -> str:
    """Bad out of all, and as a rate."""
    return f"{arm['bad']}/{arm['n']} {arm['bad'] / arm['n']:5.1%}" if arm["n"] else "–"


def _head(status: Mapping[str, Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    budget = max(1, status["budget"])
    spent = status["affected"]["at_most"] / budget
    arms = _("{old} customers on old, {new} on new ({flight} under way)").format(
        old=status["customers"]["old"], new=status["exposed"], flight=status["in_flight"]
    )
    grid.add_row(_("share"), bar(status["share"], "cyan"), f"{status['share']:.1%}   {arms}")
    grid.add_row(_("affected"), bar(spent, "red" if spent > NEARLY else "yellow"), affected_line(status))
    return Group(grid, Text(""), Text(str(Message.of(status["because"])), style="bold"), Text(""))


def _cells(cells: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column(_("metric"), no_wrap=True)
    for name in (_("old"), _("new"), _("margin")):
        table.add_column(name, no_wrap=True, justify="right")
    for name in (_("proved"), _("harm")):
        table.add_column(name, no_wrap=True)
    shown = shown_first(cells)
    for name, cell in zip(row_names(shown), shown, strict=True):
        table.add_row(
            name,
            rate(cell["old"]),
            rate(cell["new"]),
            str(cell["margin"] or "–"),
            _gauge(cell["proof"], "green") if cell["required"] else Text("–", style="dim"),
            _gauge(cell["back"], "red"),
        )
    legend = _("proved: full once harm beyond the margin is ruled out; harm: full when customers go back")
    hidden = len(cells) - len(shown)
    more = (_("and {n} more, all watched").format(n=hidden),) if hidden else ()
    return Group(table, *(Text(" " + line, style="dim") for line in (*more, legend)))


def _gauge(part: float, style: str) -> Text:
    filled = round(GAUGE * min(1.0, max(0.0, part)))
    return Text("■" * filled, style=style) + Text("·" * (GAUGE - filled), style="dim")
