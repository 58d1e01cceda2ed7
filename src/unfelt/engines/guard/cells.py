"""The cells that the guard watches, fixed before the first customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unfelt.conf.language import Message, _
from unfelt.documents.change import Change, Segment
from unfelt.documents.questions import Question, questions_of
from unfelt.documents.units import Margin
from unfelt.engines.guard.crowd import Crowd, crowd_of
from unfelt.engines.guard.decision import GuardError
from unfelt.kernel.labelgrid import PRIOR_RATE, Ints
from unfelt.kernel.margins import Floats
from unfelt.kernel.tally import ANYTHING

OTHER = "other"
Kind = Literal["bad", "slow", "score"]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric for everybody, for one group, or in one part of the load.

    watched: may send the change back. required: promotion asks for it.
    """

    metric: str
    segment: str | None
    stratum: str | None
    margin: Margin | None
    severity: float
    watched: bool
    required: bool
    title: str | Message
    shown_margin: str | None
    kind: Kind = "bad"
    prior: float = PRIOR_RATE
    """How often it happens, as far as is known before anybody has come."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All cells in order, and what the mathematics needs to know of them as arrays over the cells."""

    cells: tuple[Cell, ...]
    index: Mapping[tuple[str, str | None, str | None], int]
    columns: frozenset[str]
    whole: Ints
    """For each cell, the one of its metric that holds everybody."""
    watched: Ints
    required: Ints
    anything: int
    tolerated: tuple[Floats, Floats]
    margins: tuple[Floats, Floats]
    is_score: Flags
    is_later: Flags
    prior: Floats
    crowd: Crowd

    def find(self, metric: str, segment: str | None, stratum: str | None) -> int:
        """The cell of that name; a value of a known column that was not fixed beforehand is `other`."""
        found = self.index.get((metric, segment, stratum))
        if found is not None:
            return found
        column = (segment or "").partition("=")[0]
        found = self.index.get((metric, f"{column}={OTHER}", stratum))
        return self._unknown(metric, segment, stratum) if found is None else found

    def _unknown(self, metric: str, segment: str | None, stratum: str | None) -> int:
        known = ", ".join(dict.fromkeys(cell.metric for cell in self.cells))
        raise GuardError(
            _(
                "The tallies speak of metric {metric!r}, segment {segment!r}, stratum {stratum!r}, which the plan "
                "does not have. Metrics: {known}; segment columns: {columns}. "
                "Use the plan that the source was started with."
            ).format(
                metric=metric,
                segment=segment,
                stratum=stratum,
                known=known,
                columns=", ".join(sorted(self.columns)) or "-",
            )
        )


def lay_out(plan: Change, segments: Mapping[str, Sequence[str]] | None = None) -> Layout:
    """The cells of a plan: metric × (everybody, each fixed value, other), later looks, anything, must_see."""
    values = _values(plan, segments)
    watched = _watched(plan, values)
    cells = [*watched, *_composite(values), *_peaks(plan, watched)]
    _refuse_no_room(cells)
    place = {(cell.metric, cell.segment, cell.stratum): number for number, cell in enumerate(cells)}
    return Layout(
        cells=tuple(cells),
        index=place,
        columns=frozenset(values),
        whole=np.array([place[cell.metric, None, None] for cell in cells], dtype=np.intp),
        watched=np.flatnonzero([cell.watched for cell in cells]),
        required=np.flatnonzero([cell.required for cell in cells]),
        anything=place[ANYTHING, None, None],
        tolerated=_lines([plan.guard.tolerated] * len(cells)),
        margins=_lines([cell.margin for cell in cells]),
        prior=np.array([cell.prior for cell in cells]),
        is_score=np.array([cell.kind == "score" for cell in cells]),
        is_later=np.array(["@" in cell.metric for cell in cells]),
        crowd=crowd_of(plan, values),
    )


def later_name(metric: str, after: timedelta) -> str:
    """The name of a later look at a metric: `failed@1h`."""
    milliseconds = round(after / timedelta(milliseconds=1))
    units = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
    unit, size = next((unit, size) for unit, size in units if milliseconds % size == 0)
    return f"{metric}@{milliseconds // size}{unit}"


def _values(plan: Change, given: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    fixed = {}
    for segment in plan.experience.segments:
        chosen = tuple((given or {}).get(segment.by, segment.values))
        if segment.margin is not None and not [value for value in chosen if value != OTHER]:
            raise GuardError(
                _(
                    "Segment {by!r} declares a margin but none of its values is fixed, so nothing could be proved "
                    "for it. Write `values:` in the plan, or take them from the baseline."
                ).format(by=segment.by)
            )
        fixed[segment.by] = (*dict.fromkeys(value for value in chosen if value != OTHER), OTHER)
    unknown = sorted((given or {}).keys() - fixed.keys())
    if unknown:
        raise GuardError(
            _("Values were given for segment {by!r}, which the plan does not have. It has: {known}.").format(
                by=unknown[0], known=", ".join(sorted(fixed)) or "-"
            )
        )
    return fixed


def _watched(plan: Change, values: Mapping[str, tuple[str, ...]]) -> list[Cell]:
    cells = []
    for metric in plan.experience.metrics:
        for question in questions_of(metric):
            cells += _asked(question, question.name, plan.experience.segments, values, later=False)
            for after in plan.experience.later:
                name = later_name(question.name, after)
                cells += _asked(question, name, plan.experience.segments, values, later=True)
    return cells


def _asked(
    question: Question,
    name: str,
    segments: Sequence[Segment],
    values: Mapping[str, tuple[str, ...]],
    *,
    later: bool,
) -> list[Cell]:
    """One question about everybody and about each group."""
    margin, is_needed = question.metric.margin, question.required and not later
    kind: Kind = "score" if question.is_score else "bad" if question.quantile is None else "slow"
    severity = question.metric.severity * question.part
    prior = PRIOR_RATE if question.base is None else question.base
    whole = Cell(name, None, None, margin, severity, True, is_needed, question.title, str(margin), kind, prior)
    cells = [whole]
    for segment in segments:
        own = segment.margin or margin
        for value in values[segment.by]:
            required = is_needed and segment.margin is not None and value != OTHER
            cells.append(
                replace(
                    whole, segment=f"{segment.by}={value}", margin=own, required=required, shown_margin=str(own)
                )
            )
    return cells


def _composite(values: Mapping[str, tuple[str, ...]]) -> list[Cell]:
    """Anything bad, for everybody (budget and report) and per group (for the eye)."""
    groups = [None, *(f"{by}={value}" for by, chosen in values.items() for value in chosen)]
    return [Cell(ANYTHING, group, None, None, 1.0, False, False, ANYTHING, None) for group in groups]


def _peaks(plan: Change, watched: Sequence[Cell]) -> list[Cell]:
    """For each part of the load that must be seen, every metric; the others for the eye only."""
    everybody = [*(cell for cell in watched if cell.segment is None), *_composite({})]
    return [replace(cell, stratum=peak.name, watched=False) for peak in plan.guard.must_see for cell in everybody]


def _refuse_no_room(cells: Sequence[Cell]) -> None:
    for cell in cells:
        margin = cell.margin
        if margin and margin.value <= (1.0 if margin.kind == "ratio" else 0.0):
            raise GuardError(
                _(
                    "Metric {metric!r} has the margin {margin}: no evidence could ever exclude that. "
                    "A margin is more than 0% or more than 1x."
                ).format(metric=cell.metric, margin=str(margin))
            )


def _lines(margins: Sequence[Margin | None]) -> tuple[Floats, Floats]:
    """The lines p1 = rho·p0 + d of the margins; none is p1 = p0."""
    rho = [m.value if m and m.kind == "ratio" else 1.0 for m in margins]
    d = [m.value if m and m.kind == "difference" else 0.0 for m in margins]
    return np.array(rho), np.array(d)
