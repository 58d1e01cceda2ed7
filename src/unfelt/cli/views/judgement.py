"""A judgement of recorded experience as terminal text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unfelt.conf.language import _
from unfelt.rollout.phrases import action_name, bounds


def judgement_view(judged: Mapping[str, Any]) -> RenderableType:
    """The last word first, then how it came about."""
    head = Table.grid(padding=(0, 2))
    head.add_row(_("result"), Text(action_name(judged["final"]), style="bold"))
    head.add_row(_("because"), judged["because"])
    head.add_row(_("customers"), _("{old} on old, {new} on new").format(**judged["customers"]))
    head.add_row(*_affected(judged))
    if judged["looked_at"] is None:
        head.add_row("", bounds(judged["affected"]))
    for row in _account(judged):
        head.add_row(*row)
    steps = Table(box=None, padding=(0, 1), header_style="dim")
    for name in (_("at"), _("decision"), _("because")):
        steps.add_column(name)
    for decision in judged["decisions"]:
        steps.add_row(decision["at"][:19] + "Z", action_name(decision["action"]), decision["because"])
    return Group(head, steps)


def _affected(judged: Mapping[str, Any]) -> tuple[str, str]:
    """How many were affected: by inference, or by looking at all of them."""
    seen = judged["looked_at"]
    if seen is None:
        return _("affected"), _("at most {at_most}, estimated {estimate:.1f}").format(**judged["affected"])
    said = _("{known} of {of} looked at, {affected} affected, {unknown} unknown")
    return _("counted"), said.format(**seen)


def _account(judged: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was read and as what, and what was not: each kind of which there is any."""
    account = judged["account"]
    sums = {kind: sum(arm[kind] for arm in account["arms"].values()) for kind in _KINDS}
    if account["format"]:
        said = _("{n} lines, as {format}") if not account["detected"] else _("{n} lines, by their looks {format}")
        yield _("was read"), said.format(n=sums["read"], format=account["format"])
    title = _("left out")
    for kind, spell in _LEFT_OUT.items():
        if sums[kind]:
            yield title, spell(sums[kind])
            title = ""
    if judged["intake"]["unknown"]:
        yield title, _("{n} outcomes are missing and count as bad").format(n=judged["intake"]["unknown"])
    title = _("gaps")
    for gap in shown_gaps(account["gaps"]):
        yield title, gap
        title = ""


def shown_gaps(gaps: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Where the recording holds nothing, in UTC; of many the first ones."""
    for gap in gaps[:MOST_GAPS]:
        since, until = (f"{gap[end][:19].replace('T', ' ')} UTC" for end in ("from", "to"))
        yield _("nothing was recorded from {since} to {until}").format(since=since, until=until)
    if len(gaps) > MOST_GAPS:
        yield _("… and {n} more: --json lists all.").format(n=len(gaps) - MOST_GAPS)


MOST_GAPS = 5
"""So many gaps are shown; all of them are in the JSON."""
_KINDS = ("read", "unparsed", "undecodable", "duplicate", "besides", "nobody", "misdated")
_LEFT_OUT: Mapping[str, Callable[[int], str]] = {
    "unparsed": lambda n: _("{n} lines that do not parse").format(n=n),
    "undecodable": lambda n: _("{n} lines of bytes that are no text").format(n=n),
    "duplicate": lambda n: _("{n} lines that are there twice").format(n=n),
    "besides": lambda n: _("{n} lines that are no requests, or only the beginning of one").format(n=n),
    "nobody": lambda n: _("{n} lines without a customer").format(n=n),
    "misdated": lambda n: _("{n} rows dated where nothing was recorded").format(n=n),
}
