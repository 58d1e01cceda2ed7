"""What the router counted against what its log brought: lines that are missing, and lines too many. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from unfelt.adapters.routers import Ended

LAG = 5.0
"""For so many seconds, and in so many looks, lines may be on their way into the log before they are missing."""
LOOKS = 5
UNWRITTEN = 0.2
"""So many seconds of answers may be on their way at every look: the router writes its log each 0.1 s."""
FEW = 3
"""So many answers may be on their way however few there are."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One look: what the router had ended, asked before the log was read and after it, and what was read."""

    at: float
    """By the steady clock."""
    before: Ended | None
    """None where the router cannot say."""
    after: Ended | None
    read: int
    """Answers among the lines."""
    doubtful: int = 0
    """Lines of which nobody can say whether they were answers."""
    is_whole: bool = True
    """The log was read to its end just now."""


@dataclass(frozen=True, slots=True)
class Owed:
    """At one look: when, the answers not read yet at the least, and all ended so far."""

    at: float
    least: int
    ended: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the router's count must lie ahead of what was read, by every look since the router was started.

    Counted is from when this process began to read, so the distance is not 0, but it is always the same: a line
    that the router did not write makes it less, a line that is lost makes it more, however slowly they come.
    """

    start: int | None = None
    """Which start of the router it holds for."""
    read: int = 0
    doubtful: int = 0
    least: float = float("-inf")
    most: float = float("inf")
    owed: float = float("-inf")
    """The most that was on its way through all newest looks; `least` is that without what may be on its way."""
    looks: tuple[Owed, ...] = ()
    """The newest ones, LAG seconds and LOOKS looks of them."""
    found: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """What the newest look found, by kind (`excess`, `missing`) and arm."""

    def after(self, look: Counted) -> "Balance":
        """With one more look."""
        read, doubtful = self.read + look.read, self.doubtful + look.doubtful
        now = replace(self, read=read, doubtful=doubtful, found={})
        if look.before is None or look.after is None or look.before.restarts != look.after.restarts:
            return now
        if look.before.restarts != now.start:
            now = Balance(look.before.restarts, read, doubtful)
        return now._met(look.after.most - read)._waited(look, look.before.least)

    def _met(self, most: int) -> "Balance":
        """The router's count lies at most so far ahead; less than it must is an excess of lines."""
        if most >= self.least:
            return replace(self, most=min(self.most, most))
        excess = {("excess", "all"): round(self.owed - most)}
        looks = tuple(replace(one, least=min(one.least, most)) for one in self.looks)
        return replace(self, most=most, owed=most, least=most - _borne(looks), looks=looks, found=excess)

    def _waited(self, look: Counted, ended: int) -> "Balance":
        """What has been on its way for longer than it may is missing."""
        if not look.is_whole:
            return self
        owed = Owed(look.at, ended - self.read - self.doubtful, ended)
        now = replace(self, looks=_newest((*self.looks, owed)))
        if len(now.looks) < LOOKS or look.at - now.looks[0].at < LAG:
            return now
        owes, borne = min(one.least for one in now.looks), _borne(now.looks)
        if owes <= now.most + borne:
            return replace(now, least=max(now.least, owes - borne), owed=max(now.owed, owes))
        missing = {("missing", "all"): round(owes - now.most)}
        return replace(now, most=owes, owed=owes, least=owes - borne, found=dict(now.found) | missing)


def _newest(looks: tuple[Owed, ...]) -> tuple[Owed, ...]:
    """As few as are LAG seconds and LOOKS looks."""
    while len(looks) > LOOKS and looks[-1].at - looks[1].at >= LAG:
        looks = looks[1:]
    return looks


def _borne(looks: tuple[Owed, ...]) -> float:
    """So many answers may be on their way at each of these looks."""
    rate = (looks[-1].ended - looks[0].ended) / (looks[-1].at - looks[0].at)
    return max(FEW, UNWRITTEN * rate)
