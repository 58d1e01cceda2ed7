"""What is shown of the evidence."""

from typing import Any

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.decision import CellView, SplitView
from unfelt.engines.guard.evidence import Evidence
from unfelt.engines.guard.standing import Standing
from unfelt.kernel.margins import Floats


def cell_views(
    evidence: Evidence, standing: Standing, layout: Layout, *, confidence: float
) -> tuple[CellView, ...]:
    """Every cell with its counts, its progress both ways and its display interval."""
    shown = np.stack(evidence.score.display_interval(confidence=confidence), axis=1)
    back = _spread(np.clip(standing.suspicion, 0.0, 1.0), layout.watched, len(layout.cells))
    promote = _spread(np.clip(standing.promote / standing.needed, 0.0, 1.0), layout.required, len(layout.cells))
    columns = (evidence.counts.astype(int).tolist(), _blanks(back), _blanks(promote), _blanks(shown))
    return tuple(
        CellView(
            metric=cell.metric,
            segment=cell.segment,
            stratum=cell.stratum,
            new=new,
            new_bad=new_bad,
            old=old,
            old_bad=old_bad,
            back=to_back,
            promote=to_promote,
            margin=cell.shown_margin,
            estimate=estimate,
            low=low,
            high=high,
        )
        for cell, (new, new_bad, old, old_bad), to_back, to_promote, (estimate, low, high) in zip(
            layout.cells, *columns, strict=True
        )
    )


def split_view(standing: Standing) -> SplitView:
    """The sample-ratio check; its e-value is cut at e^700, which prints."""
    return SplitView(ok=not standing.is_split_wrong, e_value=float(np.exp(min(standing.split, 700.0))))


def _spread(values: Floats, at: np.ndarray[tuple[int, ...], np.dtype[np.intp]], cells: int) -> Floats:
    result = np.full(cells, np.nan)
    result[at] = values
    return result


def _blanks(values: Floats) -> list[Any]:
    """As Python numbers, with None for what is not one."""
    numbers = values.astype(object)
    numbers[np.isnan(values)] = None
    result: list[Any] = numbers.tolist()
    return result
