"""What a plan asks of the experience of its customers, ready for SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from unfelt.adapters.sources import SourceError
from unfelt.conf.language import Message
from unfelt.documents.change import Change, Metric, Peak, Reconciliation
from unfelt.documents.expressions import ExpressionError, parse_bad
from unfelt.kernel.tally import ANYTHING


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: `bad` in DuckDB's SQL, or None where a reconciliation finds what is bad."""

    name: str
    observe: timedelta
    bad: str | None
    columns: frozenset[str] = frozenset()
    reconciliation: Reconciliation | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """All that the windows of one plan need to know."""

    members: tuple[Measure, ...]
    grace: timedelta
    later: tuple[timedelta, ...] = ()
    segments: tuple[str, ...] = ()
    peaks: tuple[Peak, ...] = ()

    @property
    def longest(self) -> timedelta:
        """The longest window of any metric."""
        return max(member.observe for member in self.members)

    def name(self, member: int, look: int) -> str:
        """The id of a metric in its first look (`failed`) or a later one (`failed@1h`)."""
        name = self.members[member].name
        return f"{name}@{spell_duration(self.later[look - 1])}" if look else name

    def needed(self) -> frozenset[str]:
        """The columns that metrics, segments and reconciliations read."""
        promises = {m.reconciliation.promise for m in self.members if m.reconciliation}
        return frozenset(self.segments).union(promises, *(member.columns for member in self.members))


def measures_of(change: Change) -> Measures:
    """What the plan asks, or SourceError where an expression is not allowed."""
    experience = change.experience
    return Measures(
        members=tuple(_measure(change, metric) for metric in experience.metrics),
        grace=experience.grace,
        later=experience.later,
        segments=tuple(segment.by for segment in experience.segments),
        peaks=change.guard.must_see,
    )


def _measure(change: Change, metric: Metric) -> Measure:
    observe = metric.observe if metric.observe is not None else change.experience.observe
    source = change.experience.sources.get(metric.source)
    if source is None and metric.source != "requests":
        raise SourceError(
            Message(
                "Metric {metric} names the source {source}, which the plan does not have. Known: {known}.",
                metric=metric.id,
                source=metric.source,
                known=", ".join(sorted({"requests", *change.experience.sources})),
            )
        )
    if metric.id == ANYTHING:
        raise SourceError(
            Message("A metric cannot be called {name}: that is all of them together.", name=ANYTHING)
        )
    if isinstance(source, Reconciliation):
        return Measure(metric.id, observe, None, reconciliation=source)
    return _expressed(metric, observe)


def _expressed(metric: Metric, observe: timedelta) -> Measure:
    if metric.bad is None:
        raise SourceError(
            Message(
                "Metric {metric} does not say what is bad. Add a line such as: bad: status >= 500",
                metric=metric.id,
            )
        )
    try:
        expression = parse_bad(metric.bad)
    except ExpressionError as error:
        raise SourceError(
            Message("Metric {metric}: {problem}", metric=metric.id, problem=error.message)
        ) from error
    return Measure(metric.id, observe, expression.canonical, expression.columns)


def check_columns(measures: Measures, known: Collection[str]) -> None:
    """Every column that the plan reads is there, or SourceError naming the near ones."""
    for member in measures.members:
        for column in sorted(member.columns):
            _check_column(column, known, Message("metric {metric}", metric=member.name))
        if member.reconciliation:
            _check_column(member.reconciliation.promise, known, Message("metric {metric}", metric=member.name))
    for segment in measures.segments:
        _check_column(segment, known, Message("segment {segment}", segment=segment))


def _check_column(column: str, known: Collection[str], where: Message) -> None:
    if column in known:
        return
    near = get_close_matches(column, known, n=3)
    advice = (
        Message("Did you mean {near}?", near=", ".join(near))
        if near
        else Message("There are: {known}.", known=", ".join(sorted(known)))
    )
    raise SourceError(
        Message(
            "The {where} reads the column {column}, which is not there. {advice}",
            where=where,
            column=column,
            advice=advice,
        )
    )


def spell_duration(duration: timedelta) -> str:
    """`1h`, `90s`, `500ms`: the shortest spelling of a duration."""
    milliseconds = round(duration / timedelta(milliseconds=1))
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
