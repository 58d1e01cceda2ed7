"""What the router counted is compared with what its log brought, over every look."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from unfelt.adapters.routers import Ended
from unfelt.adapters.sources import Intake
from unfelt.engines.guard.balance import Balance, Counted
from unfelt.engines.guard.trouble import Lately


@dataclass
class Service:
    """A router under uneven traffic with requests under way, and its log; its newest part is unwritten."""

    draw: random.Random
    rate: float = 100.0
    at: float = 0.0
    restarts: int = 0
    ended: int = 9000
    under_way: int = 0
    unwritten: int = 0
    log: int = 0
    """Lines that nobody has read."""
    unparsed: int = 0

    def look(self, *, most: int = 10**9, tick: float = 1.0) -> Counted:
        self.at += tick
        now = max(0, round(self.draw.gauss(self.rate * tick, self.rate * tick / 4)))
        slow = self.draw.randint(0, now)
        ended, self.under_way = self.under_way + now - slow, slow
        late = min(ended, self.draw.randint(0, round(self.rate * 0.1)))
        self.log, self.unwritten = self.log + self.unwritten + ended - late, late
        self.ended += ended
        read = min(self.log, most)
        self.log -= read
        more, unparsed, self.unparsed = self.draw.randint(0, 2), self.unparsed, 0
        after = Ended(self.restarts, self.ended, self.ended + more)
        return Counted(self.at, after, after, read, unparsed, is_whole=not self.log)

    def begin_again(self) -> None:
        self.restarts, self.ended, self.under_way, self.unwritten = self.restarts + 1, 0, 0, 0


@dataclass
class Watch:
    """The balance over looks, and all that it found."""

    balance: Balance = field(default_factory=Balance)
    lately: Lately = field(default_factory=Lately)
    found: list[tuple[str, int]] = field(default_factory=list)
    doubted: int = 0
    """Looks that were not believed."""

    def over(self, looks: Iterator[Counted]) -> "Watch":
        for look in looks:
            self.balance = self.balance.after(look)
            self.lately = self.lately.after(Intake(look.read, ended=look.read), self.balance.found)
            self.found += [(kind, n) for (kind, _arm), n in self.balance.found.items()]
            self.doubted += self.lately.worst() is not None
        return self


def looks(service: Service, n: int, *, each: Callable[[], None] = lambda: None) -> Iterator[Counted]:
    for _ in range(n):
        each()
        yield service.look()


@pytest.fixture(params=range(20))
def service(request: pytest.FixtureRequest) -> Service:
    draw = random.Random(request.param)
    return Service(draw, rate=draw.choice((0.5, 5, 40, 100, 1000)))


def test_a_sound_log_is_never_doubted(service: Service):
    """Requests under way, lines on their way and traffic that comes and goes are no trouble."""

    def change() -> None:
        if service.draw.random() < 0.05:
            service.rate = service.draw.choice((0.5, 5, 40, 100, 1000))

    assert Watch().over(looks(service, 600, each=change)).found == []


def test_a_router_that_starts_again_counts_from_nothing(service: Service):
    """What it ended before is not missing, and lines of before that come later are no excess."""
    watch = Watch()
    for _ in range(10):
        watch.over(looks(service, 20))
        service.begin_again()
        service.log += 40
    assert watch.found == []


def test_what_lies_unread_when_reading_begins_is_no_excess(service: Service):
    """The log is read on at most so far at a look, from lines of long before."""
    service.log = 50_000
    behind = (service.look(most=4000) for _ in range(40))
    assert Watch().over(behind).over(looks(service, 60)).found == []


def test_a_router_that_cannot_say_is_not_compared(service: Service):
    """Nor is it the end of the comparison."""
    silent = (Counted(look.at, None, None, look.read) for look in looks(service, 30))
    watch = Watch().over(looks(service, 30)).over(silent).over(looks(service, 30))
    assert watch.found == []
    service.log += 10 + round(service.rate)
    assert watch.over(looks(service, 5)).found[0][0] == "excess"


def test_a_flood_is_found_at_once_and_then_the_log_is_believed_again(service: Service):
    """One look says how many lines are too many; the count fades."""
    watch = Watch().over(looks(service, 30))
    service.log += 10 + round(service.rate)
    watch.over(looks(service, 1))
    assert [kind for kind, _n in watch.found] == ["excess"]
    assert watch.doubted == 1
    watch.over(looks(service, 200))
    assert watch.doubted < 60
    assert watch.lately.worst() is None


def test_lines_that_are_cut_off_are_found(service: Service):
    """As soon as they have been on their way for longer than they may."""
    watch = Watch().over(looks(service, 30))
    service.log -= min(service.log, 0)
    service.ended += 10 + round(service.rate)
    watch.over(looks(service, 8))
    assert {kind for kind, _n in watch.found} == {"missing"}


@pytest.mark.parametrize("kind", ["excess", "missing"])
def test_drips_add_up(service: Service, kind: str):
    """One line at each look: it is found again and again, not once for ever."""

    def drip() -> None:
        if kind == "excess":
            service.log += 1
        else:
            service.ended += 1

    service.rate = min(service.rate, 40)
    watch = Watch().over(looks(service, 30)).over(looks(service, 200, each=drip))
    assert {found for found, _n in watch.found} == {kind}
    assert len(watch.found) >= 8
    assert sum(n for _kind, n in watch.found) > 150


def test_an_arm_that_is_held_back_is_found_although_others_go_on(service: Service):
    """A fifth of the lines do not come."""
    service.rate = 100
    watch = Watch().over(looks(service, 30))

    def hold() -> None:
        service.ended += 25

    watch.over(looks(service, 30, each=hold))
    assert {kind for kind, _n in watch.found} == {"missing"}
    assert watch.doubted > 15


def test_lines_that_do_not_parse_may_be_answers_or_not(service: Service):
    """Neither is said of them that they are missing, nor that they are too many."""

    def spoil() -> None:
        spoilt = min(service.log, service.draw.randint(0, 1))
        service.log, service.unparsed = service.log - spoilt, spoilt + service.draw.randint(0, 1)

    assert Watch().over(looks(service, 300, each=spoil)).found == []
