"""Pauses: times in which the clock of a case stands, such as waiting for a customer's answer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError
from unfelt.worktime.zone import micros


@dataclass(frozen=True, slots=True)
class Pause:
    """From an instant to before another; one without an end has not ended yet."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        start = micros(self.start)
        if self.end is not None and micros(self.end) < start:
            raise RefusalError(
                Message(
                    "a pause ends at {end}, before its start {start}", start=str(self.start), end=str(self.end)
                ),
                Message("Give the earlier instant first."),
            )


@dataclass(frozen=True, slots=True)
class Stops:
    """Pauses in order and apart, as numbers; `open_from`: from then on the clock stands, nobody knows how long."""

    spans: tuple[tuple[int, int], ...]
    open_from: int | None


def stops(pauses: Iterable[Pause]) -> Stops:
    """Pauses that overlap or touch are one."""
    given = tuple(pauses)
    open_from = min((micros(pause.start) for pause in given if pause.end is None), default=None)
    ended = sorted((micros(pause.start), micros(pause.end)) for pause in given if pause.end is not None)
    joined: list[tuple[int, int]] = []
    for start, end in ended:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return Stops(tuple(joined), open_from)


def between(
    spans: Sequence[tuple[int, int]], start: int, end: int, *, backwards: bool = False
) -> Iterator[tuple[int, int]]:
    """What the spans, in order and apart, leave of the time from start to end.

    >>> list(between([(2, 4), (6, 9)], 0, 8))
    [(0, 2), (4, 6)]
    """
    edges = [start, *(min(max(edge, start), end) for span in spans for edge in span), end]
    left = list(zip(edges[::2], edges[1::2], strict=True))
    for one, other in reversed(left) if backwards else left:
        if one < other:
            yield one, other
