"""A judgement of recorded experience as terminal text."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unfelt.conf.language import _
from unfelt.rollout.phrases import action_name


def judgement_view(judged: Mapping[str, Any]) -> RenderableType:
    """The last word first, then how it came about."""
    head = Table.grid(padding=(0, 2))
    head.add_row(_("result"), Text(action_name(judged["final"]), style="bold"))
    head.add_row(_("because"), judged["because"])
    head.add_row(_("customers"), _("{old} on old, {new} on new").format(**judged["customers"]))
    head.add_row(_("affected"), _("at most {at_most}, estimated {estimate:.1f}").format(**judged["affected"]))
    if judged["intake"]["unparsed"] or judged["intake"]["unknown"]:
        head.add_row(
            _("left out"),
            _("{unparsed} lines that do not parse; {unknown} outcomes are missing and count as bad").format(
                **judged["intake"]
            ),
        )
    if judged["excluded"].get("misdated"):
        n = judged["excluded"]["misdated"]
        head.add_row("", _("{n} rows dated where nothing was recorded").format(n=n))
    steps = Table(box=None, padding=(0, 1), header_style="dim")
    for name in (_("at"), _("decision"), _("because")):
        steps.add_column(name)
    for decision in judged["decisions"]:
        steps.add_row(decision["at"][:19] + "Z", action_name(decision["action"]), decision["because"])
    return Group(head, steps)
