"""A forecast as terminal text: the answer first, then a table for the proof and a picture of what is caught."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unfelt.conf.language import Message, _
from unfelt.documents.change import Change
from unfelt.documents.units import format_duration, format_fraction
from unfelt.engines.guard.caught import Caught
from unfelt.engines.guard.circumstances import Circumstances
from unfelt.engines.guard.forecast import Forecast

WIDTH = 30
_END = {
    "spent": Message("not found with this budget"),
    "promote": Message("within the margin: proved before it is found"),
    "undecided": Message("not found in this time"),
}
"""What is said of harm that does not send the change back."""


def forecast_view(found: Forecast, given: Circumstances, change: Change) -> RenderableType:
    """Whether it can be proved here, what that takes, what would help, and what would be caught."""
    return Group(
        _answer(found, change),
        *_levers(found, given),
        Text(""),
        _proofs(found),
        *_harm(found, change),
        *_silent(change),
    )


def _harm(found: Forecast, change: Change) -> Iterator[RenderableType]:
    """To everybody, to one group, by scores: what is known beforehand."""
    if found.caught:
        title = _("Harm that is there from the beginning: affected until everybody is back")
        yield from (Text(""), _caught(found.caught, change, title))
    if found.confined:
        group = found.confined[0].group
        title = _("The same, confined to {group}: bad in addition, of its customers").format(group=group)
        yield from (Text(""), _caught(found.confined, change, title))
    for metric in dict.fromkeys(one.metric for one in found.scores):
        rows = [one for one in found.scores if one.metric == metric]
        yield from (
            Text(""),
            _scored(rows, _("{metric}: a mean that is higher for everybody").format(metric=metric)),
        )


def _silent(change: Change) -> Iterator[RenderableType]:
    """What the forecast knows nothing of."""
    unknown = [segment.by for segment in change.experience.segments if not segment.values]
    if unknown:
        said = _(
            "Groups by {columns} come from the baseline and are not in this: write `values:` to have them in."
        )
        yield from (Text(""), Text(said.format(columns=", ".join(unknown)), style="dim"))


def _answer(found: Forecast, change: Change) -> Text:
    slowest, budget = found.slowest, change.guard.impact_budget
    values = {
        "customers": round(found.new),
        "time": shown_time(found.seconds),
        "needed": max(1, round(found.budget)),
        "budget": budget,
        "metric": slowest.metric,
    }
    if found.is_provable:
        text = _(
            "If new is as good as old, this can be proved: with about {customers} customers on new, in about "
            "{time}; it takes a budget of about {needed} customers, and {budget} are allowed. {metric} takes "
            "longest."
        )
        return Text(text.format(**values), style="bold green")
    text = _(
        "This can hardly be proved here: it takes about {customers} customers on new, {time}, and a budget of "
        "about {needed} customers, where {budget} are allowed. {metric} takes longest."
    )
    return Text(text.format(**values), style="bold yellow")


def _levers(found: Forecast, given: Circumstances) -> Iterator[RenderableType]:
    if not found.levers:
        return
    said = {
        "budget": _("a budget of {value:.0f} customers"),
        "time": _("{time} for the proof"),
        "traffic": _("{value:.1f} times the traffic"),
        "margin": _("margins {value:.1f} times as wide"),
    }
    parts = [said[name].format(value=value, time=shown_time(value)) for name, value in found.levers.items()]
    yield Text(_("Each of these alone would do: {levers}.").format(levers="; ".join(parts)))


def _proofs(found: Forecast) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in (_("metric"), _("margin"), _("bad on old"), _("customers on new"), _("time")):
        table.add_column(name, justify="left" if name == _("metric") else "right")
    for one in found.proofs:
        table.add_row(
            one.metric if one.group is None else f"{one.metric}, {one.group}",
            str(one.margin),
            format_fraction(one.base),
            f"{one.new:,.0f}",
            shown_time(one.seconds),
        )
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, 1), header_style="dim")


def _scored(rows: Sequence[Caught], title: str) -> Table:
    """Scores affect nobody by themselves: customers on new instead."""
    table = _table(title)
    for name in (_("higher by"), _("customers on new"), _("after")):
        table.add_column(name, justify="right")
    table.add_column("")
    for one in rows:
        end = _END.get(one.ends, "")
        table.add_row(
            format_fraction(one.excess),
            f"{one.exposed:,.0f}",
            shown_time(one.seconds),
            Text(str(end), style="yellow"),
        )
    return table


def _caught(rows: Sequence[Caught], change: Change, title: str) -> Table:
    table = _table(title)
    table.add_column(_("bad in addition"), justify="right")
    table.add_column(_("affected"), justify="right")
    table.add_column(_("after"), justify="right")
    table.add_column(_("beside the budget of {budget}").format(budget=change.guard.impact_budget))
    budget = max(change.guard.impact_budget, 1)
    for one in rows:
        part = min(one.affected / budget, 1.0)
        bar = Bar(1.0, 0.0, part, width=WIDTH, color="red" if part >= 1 else "green")
        end = _END.get(one.ends)
        table.add_row(
            format_fraction(one.excess),
            f"{one.affected:,.1f}",
            shown_time(one.seconds),
            bar if end is None else Text(str(end), style="yellow"),
        )
    return table


def shown_time(seconds: float) -> str:
    """A length of time in whole seconds, minutes or hours, as it is worth to know."""
    step = 1 if seconds < 120 else 60 if seconds < 7200 else 3600
    return format_duration(timedelta(seconds=max(1, round(seconds / step)) * step))
