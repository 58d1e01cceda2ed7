"""A calibration for people: on the terminal, and as a page that stands alone."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unfelt.adapters.sources.history import History
from unfelt.cli.views.forecast import shown_time
from unfelt.cli.views.judgement import shown_gaps
from unfelt.conf.language import _
from unfelt.documents.change import Change
from unfelt.documents.units import format_fraction
from unfelt.engines.guard.calibration.calibrate import broken_metric
from unfelt.engines.guard.calibration.summary import Calibration, Outcome
from unfelt.web.printed.pages import page

STYLES = {"as declared": "bold green", "too many": "bold red", "open": "bold yellow"}


def calibration_view(change: Change, history: History, found: Calibration) -> RenderableType:
    """The verdict, the table, and what was played."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for number, name in enumerate(heads()):
        table.add_column(name, justify="right" if number else "left")
    for one in found.outcomes:
        table.add_row(*cells(one))
    notes = [Text(note, style="dim") for note in remarks(change, history)]
    return Group(Text(verdict(found), style=STYLES[found.verdict]), "", table, "", *notes)


def calibration_page(change: Change, history: History, found: Calibration) -> str:
    """HTML in one file, without anything from elsewhere."""
    return page(
        "calibration.html",
        title=change.change.title,
        found=found,
        verdict=verdict(found),
        heads=heads(),
        rows=[(one, cells(one)) for one in found.outcomes],
        remarks=list(remarks(change, history)),
    )


def verdict(found: Calibration) -> str:
    """Whether the guard keeps its promise here, in one sentence."""
    low, high = found.false_alarms
    values = {
        "back": found.harmless.back,
        "runs": found.harmless.runs,
        "low": _percent(low),
        "high": _percent(high),
        "declared": format_fraction(found.declared),
        "needed": found.runs_to_tell,
    }
    said = {
        "as declared": _(
            "{back} of {runs} rollouts without harm were taken back: at most {high} of all would be "
            "(95% confidence), and {declared} is declared."
        ),
        "too many": _(
            "More false alarms than declared: {back} of {runs} rollouts without harm were taken back, at least "
            "{low} of all would be (95% confidence), and {declared} is declared. Something about this record "
            "breaks what the guard assumes; look at which metric it was."
        ),
        "open": _(
            "{back} of {runs} rollouts without harm were taken back: at most {high} of all would be "
            "(95% confidence). To tell that it is {declared} at most, --runs {needed} is enough if no more are."
        ),
    }
    return said[found.verdict].format(**values)


def heads() -> list[str]:
    """What the columns are called."""
    return [
        _("harmed"),
        _("rollouts"),
        _("back"),
        _("promoted"),
        _("spent"),
        _("open"),
        _("affected"),
        _("most"),
        _("beyond"),
        _("after"),
        _("seen by"),
    ]


def cells(one: Outcome) -> list[str]:
    """A row of the table."""

    def part(n: int) -> str:
        return f"{n / one.runs:.0%}"

    return [
        format_fraction(one.harm) if one.harm else _("none"),
        str(one.runs),
        part(one.back),
        part(one.promoted),
        part(one.spent),
        part(one.undecided),
        f"{one.affected:,.1f}",
        f"{one.most:,}",
        part(one.beyond),
        shown_time(one.seconds) if one.seconds is not None else "–",
        ", ".join(list(one.metrics)[:3]) or "–",
    ]


def remarks(change: Change, history: History) -> Iterator[str]:
    """What was played, and what was not."""
    yield _("Record: {requests} requests of {customers} customers from {began} UTC on, {lasts} long.").format(
        requests=f"{len(history.time):,}",
        customers=f"{history.people:,}",
        began=f"{history.began:%Y-%m-%d %H:%M:%S}",
        lasts=shown_time(history.seconds),
    )
    yield _(
        "Each rollout begins somewhere in the first half of it, draws the customers of new afresh, and ends when "
        "it is taken back or promoted, or with the record. Harm: on new, “{metric}” is bad in every request of so "
        "many customers. Affected: in the mean, and the most in one rollout; beyond: rollouts with more of them "
        "than the impact budget; after: the median time until everybody was back."
    ).format(metric=broken_metric(history))
    if history.nobody or history.unparsed:
        yield _("Left out: {nobody} rows without a customer, {unparsed} lines that do not parse.").format(
            nobody=history.nobody, unparsed=history.unparsed
        )
    if history.account.gaps:
        gaps = "; ".join(shown_gaps([gap.plain() for gap in history.account.gaps]))
        yield _("Where the record has gaps: {gaps}.").format(gaps=gaps)
    if change.experience.later:
        yield _("Later looks were not played: they come after the rollout.")
    if change.rollout is None:
        yield _("The plan has no rollout: the share grows as it does where nothing is said.")


def _percent(rate: float) -> str:
    return f"{100 * rate:.2g}%"
