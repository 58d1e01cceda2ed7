"""What every probe gives back."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from unfelt.adapters.addresses import Policy
from unfelt.adapters.reaching import Reach
from unfelt.conf.language import Message


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: as expected, not so, or (None) nothing could be seen at all."""

    good: bool | None
    saw: Message


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at and what is to be seen there, within how many seconds, and by which name server."""

    target: str
    policy: Policy
    expect: str = ""
    within: float = 10.0
    server: str = ""

    def reach(self) -> Reach:
        """By what it is called, from now on."""
        return Reach(self.policy, time.monotonic() + self.within)


Look = Callable[[Asked], Seen]
