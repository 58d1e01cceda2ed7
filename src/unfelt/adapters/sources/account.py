"""One account of every line and row of a recording: none of them is passed over in silence."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from unfelt.conf.language import Message

LOST = ("unparsed", "undecodable", "misdated")
"""What may have held anything."""
KINDS = ("lines", "read", "unparsed", "undecodable", "duplicate", "besides", "nobody", "misdated", "unknown")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one arm: lines = read + unparsed + undecodable + duplicate + besides.

    undecodable: unparsed, with bytes that are not UTF-8. duplicate: in another file too, counted once. besides: by
    the rules of the format no request, such as a directive or the beginning of one. Of those read, `nobody` name
    no customer, `misdated` are dated where nothing was recorded, and of `unknown` the outcome is missing.
    """

    lines: int = 0
    read: int = 0
    unparsed: int = 0
    undecodable: int = 0
    duplicate: int = 0
    besides: int = 0
    nobody: int = 0
    misdated: int = 0
    unknown: int = 0

    @property
    def lost(self) -> int:
        """Lines that may have held anything."""
        return self.unparsed + self.undecodable + self.misdated

    @property
    def due(self) -> int:
        """Lines that should have been read."""
        return self.lines - self.besides - self.duplicate


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was recorded from the one moment to the other."""

    since: datetime
    until: datetime

    def plain(self) -> dict[str, str]:
        """As JSON-ready data."""
        return {"from": self.since.isoformat(), "to": self.until.isoformat()}


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the recording.

    format: how lines are written, by arm where that differs; found: it was detected and not said. customers: how
    many there are; servers: what they look like, where they look like no customers at all. examples: of lines
    that do not parse; puzzle: a row whose outcome is unknown. near: the format that unread lines have instead.
    gaps: times of which nothing was recorded.
    """

    arms: Mapping[str, Lines] = field(default_factory=dict)
    format: str = ""
    found: bool = False
    customers: int = 0
    servers: str = ""
    examples: tuple[str, ...] = ()
    puzzle: str = ""
    near: Message | None = None
    gaps: tuple[Gap, ...] = ()

    def total(self, kind: str) -> int:
        """Of both arms together."""
        return sum(int(getattr(arm, kind)) for arm in self.arms.values())

    def with_counts(self, kind: str, counts: Mapping[str, int]) -> "Account":
        """With so many of a kind in each arm."""
        arms = {
            name: replace(self.arms.get(name, Lines()), **{kind: counts.get(name, 0)})
            for name in self.arms.keys() | counts.keys()
        }
        return replace(self, arms=dict(sorted(arms.items())))

    def without_starts(self, counts: Mapping[str, int]) -> "Account":
        """Once so many rows of each arm have turned out to say no more than that a request had begun."""
        arms = {
            name: replace(arm, read=arm.read - counts.get(name, 0), besides=arm.besides + counts.get(name, 0))
            for name, arm in self.arms.items()
        }
        return replace(self, arms=arms)

    def plain(self) -> dict[str, object]:
        """As JSON-ready data."""
        arms = {name: {kind: int(getattr(arm, kind)) for kind in KINDS} for name, arm in self.arms.items()}
        gaps = [gap.plain() for gap in self.gaps]
        return {
            "format": self.format,
            "detected": self.found,
            "customers": self.customers,
            "arms": arms,
            "gaps": gaps,
        }
