"""What every probe gives back."""

from collections.abc import Callable
from dataclasses import dataclass

from unfelt.conf.language import Message


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: as expected, not so, or (None) nothing could be seen at all."""

    good: bool | None
    saw: Message


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at, what is to be seen there, for how long (seconds), and which name server to ask."""

    target: str
    expect: str = ""
    within: float = 10.0
    server: str = ""


Look = Callable[[Asked], Seen]
