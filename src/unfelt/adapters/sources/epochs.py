"""Epochs as the windows see them: stretches in which no customer can change arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from unfelt.adapters.sources import Epoch


@dataclass(frozen=True, slots=True)
class Stretch:
    """One epoch and the stretch it belongs to: neighbours with equal salt and share are one stretch."""

    epoch: int
    stretch: int
    salt: str
    share: float
    baseline: bool
    began: datetime
    ended: datetime | None


def stretches(epochs: Sequence[Epoch], seen: Mapping[int, datetime]) -> list[Stretch]:
    """The stretch of each epoch; one ends where its last epoch ended or where a later one shows in the log.

    `seen` holds when the first line of each epoch was seen in the log, epochs included that `epochs` does not know
    yet: a share change that nobody has reported still cuts the windows that straddle it.
    """
    ordered = sorted(epochs, key=lambda epoch: epoch.number)
    numbers = _numbers(ordered)
    return [
        Stretch(
            epoch=epoch.number,
            stretch=numbers[epoch.number],
            salt=epoch.salt,
            share=epoch.share,
            baseline=epoch.phase == "baseline",
            began=min(naive(one.began) for one in ordered if numbers[one.number] == numbers[epoch.number]),
            ended=_end(numbers[epoch.number], ordered, numbers, seen),
        )
        for epoch in ordered
    ]


def _numbers(ordered: Sequence[Epoch]) -> dict[int, int]:
    """Each epoch's stretch, named by the number of the first epoch in it."""
    numbers: dict[int, int] = {}
    for before, epoch in zip([None, *ordered], ordered, strict=False):
        same = before is not None and _kind(before) == _kind(epoch)
        numbers[epoch.number] = numbers[before.number] if same and before else epoch.number
    return numbers


def _kind(epoch: Epoch) -> tuple[str, float, bool]:
    return epoch.salt, epoch.share, epoch.phase == "baseline"


def _end(
    stretch: int, ordered: Sequence[Epoch], numbers: Mapping[int, int], seen: Mapping[int, datetime]
) -> datetime | None:
    last = [epoch for epoch in ordered if numbers[epoch.number] == stretch][-1]
    ends = [at for number, at in seen.items() if number > last.number]
    if last.ended is not None:
        ends.append(naive(last.ended))
    return min(ends, default=None)


def naive(time: datetime) -> datetime:
    """The time in UTC without a zone, as DuckDB's TIMESTAMP holds it."""
    return time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)
