"""The proof report as terminal text."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from unfelt.cli.views.rollout import counts, difference_line
from unfelt.conf.language import _
from unfelt.rollout.phrases import bounds, name_of, outcome, row_names, state_name, way_back


def proof_view(report: Mapping[str, Any]) -> RenderableType:
    """The whole report."""
    said = [Text(report["mission"], style="bold yellow")] if "mission" in report else []
    parts: list[RenderableType] = [*said, _summary(report), _metrics(report)]
    parts += _requests(report)
    parts += _list(_("What else differs"), [difference_line(line) for line in report["differing"]["lines"]])
    parts += _list(_("Covered"), [f"{h['hour']}: {h['customers']}" for h in report["covered"]["hours"]])
    parts += _list(_("Promises and journeys"), [*report["promises"], *report["journeys"]])
    parts += _list(_("Not measured"), report["not_measured"])
    parts += _list(_("Assumed"), report["assumed"])
    parts += _list(_("Who decided what, when"), [_log_line(line) for line in report["log"]])
    parts.append(Text(_("Ledger: {head}").format(head=report["ledger"]["head"]), style="dim"))
    style = "green" if report["final"] == "done" else "red"
    title = _("Proof report: {title}").format(title=report["change"]["title"])
    return Panel(Group(*parts), title=Text(title, style="bold"), border_style=style)


def _summary(report: Mapping[str, Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    affected = report["affected"]
    grid.add_row(_("result"), Text(outcome(report), style="bold"))
    grid.add_row(_("because"), report["because"])
    grid.add_row(
        _("state"), f"{state_name(report['final'])}  {report['began'][:19]}Z – {(report['ended'] or '')[:19]}Z"
    )
    grid.add_row(
        _("customers"),
        _("{old} on old, {new} on new (compared); {exposed} ever sent to new").format(**report["customers"]),
    )
    grid.add_row(
        _("affected"),
        _("at most {at_most}, estimated {estimate:.1f}; {left_for_next_attempt} left for a next attempt").format(
            **affected
        ),
    )
    if bounds(affected):
        grid.add_row("", bounds(affected))
    if way_back(report):
        grid.add_row(_("way back"), way_back(report))
    grid.add_row(_("revision"), report["revision"][:16])
    return grid


def _metrics(report: Mapping[str, Any]) -> RenderableType:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in (_("metric"), _("old"), _("new"), _("difference"), _("margin"), _("verdict")):
        table.add_column(name, overflow="fold" if name == _("metric") else "ellipsis", no_wrap=name != _("metric"))
    order = list(dict.fromkeys(cell["metric"] for cell in report["metrics"]))
    shown = sorted(
        (cell for cell in report["metrics"] if cell["required"] or cell["back"] >= 1),
        key=lambda cell: (order.index(cell["metric"]), cell["segment"] or ""),
    )
    for name, cell in zip(row_names(shown), shown, strict=True):
        table.add_row(
            name,
            counts(cell["old"]),
            counts(cell["new"]),
            _interval(cell),
            str(cell["margin"] or "–"),
            _verdict(cell),
        )
    rest = [cell for cell in report["metrics"] if cell not in shown and cell["old"]["n"] + cell["new"]["n"]]
    more = _("{n} more groups were watched, and none spoke against the change; all are in the JSON report.")
    return Group(table, Text(more.format(n=len(rest)), style="dim")) if rest else table


def _requests(report: Mapping[str, Any]) -> list[RenderableType]:
    rows = report.get("requests", ())
    if not rows:
        return []
    table = Table(box=None, padding=(0, 1), show_header=False)
    for one in rows:
        table.add_row(one["name"], str(one["requests"]), f"{one['part']:.1%}")
    table.add_row(_("all requests"), str(sum(one["requests"] for one in rows)), "")
    lines = [*report.get("cut", ()), *report.get("uncounted", ())]
    return [Text(_("All requests"), style="bold"), table, *_list("", lines)[1:]]


def _interval(cell: Mapping[str, Any]) -> str:
    return f"{cell['low']:+.1%} … {cell['high']:+.1%}" if cell["low"] is not None else "–"


def _verdict(cell: Mapping[str, Any]) -> Text:
    if cell["back"] >= 1:
        return Text(_("harm"), style="red")
    if not cell["required"]:
        return Text(_("watched"), style="dim")
    return Text(_("proved"), style="green") if cell["proof"] >= 1 else Text(_("not proved"), style="yellow")


def _list(title: str, lines: list[str]) -> list[RenderableType]:
    if not lines:
        return []
    return [Text(title, style="bold"), *(Text("  · " + line, overflow="fold") for line in lines)]


def _log_line(line: Mapping[str, Any]) -> str:
    share = f" {line['share']:.1%}" if line["share"] is not None else ""
    what = name_of(line["action"] or line["kind"])
    return f"{line['at'][11:19]}Z {name_of(line['by'])}: {what}{share} {line['because']}"
