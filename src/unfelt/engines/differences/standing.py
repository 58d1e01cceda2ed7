"""Differences as they stand on record: found, held or not, accepted or not. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from unfelt.conf.language import Message

Key = tuple[str, str, str]
"""Kind, route and value of a feature."""


def key_of(feature: Mapping[str, Any]) -> Key:
    """The feature as the record has it."""
    return str(feature["kind"]), str(feature["route"]), str(feature["value"])


@dataclass(slots=True)
class Differences:
    """All that is on record of one rollout, in order."""

    found: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    accepted: dict[Key, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> "Differences":
        """From entries: their kinds and bodies, oldest first."""
        standing = cls()
        for kind, body in rows:
            standing.feed(kind, body)
        return standing

    def feed(self, kind: str, body: Mapping[str, Any]) -> None:
        """One entry more."""
        if kind == "difference":
            self.found.setdefault(key_of(body["feature"]), body)
        elif kind == "difference accepted":
            for feature in body["features"]:
                self.accepted[key_of(feature)] = body

    def waiting(self) -> list[Mapping[str, Any]]:
        """Those that hold and that nobody has accepted."""
        return [body for key, body in self.found.items() if body["held"] and key not in self.accepted]

    def because(self) -> tuple[Message, ...]:
        """What they say, oldest first."""
        return tuple(Message.of(body["because"]) for body in self.waiting())


@dataclass(frozen=True, slots=True)
class Differing:
    """What a look brought: `found` is not on record yet, `because` waits for a person, `shown` is for the eye."""

    found: tuple[dict[str, Any], ...] = ()
    because: tuple[Message, ...] = ()
    shown: dict[str, Any] = field(default_factory=dict)
    holds: bool = False
