"""What a plan asks of the experience of its customers, ready for SQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.finite import answerable
from unfelt.conf.language import Message
from unfelt.documents.change import Change, Peak
from unfelt.documents.expression_rules import ExpressionError
from unfelt.documents.expressions import parse_amount, parse_bad
from unfelt.documents.questions import Question, questions_of
from unfelt.documents.source import PromiseSource, value_of
from unfelt.kernel.tally import ANYTHING

Thresholds = Mapping[str, Sequence[float]]
"""For each metric that asks how long something takes: old's quantiles, in the order of its questions."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One question of a metric, in DuckDB's SQL.

    bad: whether a request is bad; None where a reconciliation finds what is bad. value: how long it took, or its
    score, where the question is about that. quantile: of old's waits; `bad` compares with it once it is known.
    times: how many bad requests make a bad window. is_score: the largest value of the window counts, from 0 to 1.
    affects: a bad window counts as anything bad.
    """

    name: str
    observe: timedelta
    bad: str | None
    columns: frozenset[str] = frozenset()
    reconciliation: PromiseSource | None = None
    metric: str = ""
    value: str | None = None
    quantile: float | None = None
    times: int = 1
    is_score: bool = False
    affects: bool = True


@dataclass(frozen=True, slots=True)
class Measures:
    """All that the windows of one plan need to know."""

    members: tuple[Measure, ...]
    grace: timedelta
    later: tuple[timedelta, ...] = ()
    segments: tuple[str, ...] = ()
    peaks: tuple[Peak, ...] = ()

    @property
    def waits(self) -> dict[str, str]:
        """The metrics that ask how long something takes, each with what it takes in SQL."""
        return {one.metric: one.value for one in self.members if one.quantile is not None and one.value}

    def compared_with(self, thresholds: Thresholds) -> "Measures":
        """The measures once old's quantiles are known; before that nothing counts as slow."""
        places = {name: iter(values) for name, values in thresholds.items()}
        members = tuple(
            replace(one, bad=f"({one.value}) > {next(places[one.metric])!r}")
            if one.quantile is not None and one.metric in places
            else one
            for one in self.members
        )
        return replace(self, members=members)

    @property
    def longest(self) -> timedelta:
        """The longest window of any metric."""
        return max(member.observe for member in self.members)

    @property
    def affecting(self) -> tuple[int, ...]:
        """The members of which a bad window counts as anything bad."""
        return tuple(i for i, one in enumerate(self.members) if one.affects)

    @property
    def repeated(self) -> tuple[int, ...]:
        """The members that have to be bad several times in a window."""
        return tuple(i for i, one in enumerate(self.members) if one.times > 1)

    @property
    def scores(self) -> tuple[int, ...]:
        """The members that are scores."""
        return tuple(i for i, one in enumerate(self.members) if one.is_score)

    def name(self, member: int, look: int) -> str:
        """The id of a metric in its first look (`failed`) or a later one (`failed@1h`)."""
        name = self.members[member].name
        return f"{name}@{spell_duration(self.later[look - 1])}" if look else name

    def needed(self) -> frozenset[str]:
        """The columns that metrics, segments and reconciliations read."""
        return frozenset(self.segments).union(*(member.columns for member in self.members))


def measures_of(change: Change) -> Measures:
    """What the plan asks, or SourceError where an expression is not allowed."""
    experience = change.experience
    return Measures(
        members=tuple(
            _measure(change, question) for metric in experience.metrics for question in questions_of(metric)
        ),
        grace=experience.grace,
        later=experience.later,
        segments=tuple(segment.by for segment in experience.segments),
        peaks=change.guard.must_see,
    )


def _measure(change: Change, question: Question) -> Measure:
    metric = question.metric
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
    if isinstance(source, PromiseSource):
        columns = frozenset(filter(None, (source.promise, value_of(source))))
        return Measure(metric.id, observe, None, columns, reconciliation=source, metric=metric.id)
    return _expressed(question, observe)


def _expressed(question: Question, observe: timedelta) -> Measure:
    metric = question.metric
    amount, text = metric.slow or metric.score, metric.count or metric.bad
    if amount is None and text is None:
        raise SourceError(
            Message(
                "Metric {metric} does not say what is bad. Add a line such as: bad: status >= 500",
                metric=metric.id,
            )
        )
    try:
        asked = parse_amount(amount) if amount is not None else parse_bad(text or "")
    except ExpressionError as error:
        raise SourceError(
            Message("Metric {metric}: {problem}", metric=metric.id, problem=error.message)
        ) from error
    bad = answerable(asked.canonical)
    if amount is not None:
        bad = f"({bad}) > 0" if question.is_score else "false"
    return Measure(
        question.name,
        observe,
        bad,
        asked.columns,
        metric=metric.id,
        value=answerable(asked.canonical) if amount is not None else None,
        quantile=question.quantile,
        times=question.times,
        is_score=question.is_score,
        affects=question.affects,
    )


def check_columns(measures: Measures, known: Collection[str]) -> None:
    """Every column that the plan reads is there, or SourceError naming the near ones."""
    for member in measures.members:
        for column in sorted(member.columns):
            _check_column(column, known, Message("metric {metric}", metric=member.name))
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
