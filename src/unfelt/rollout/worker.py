"""The guard at work on one rollout: it looks, decides, acts and writes down, tick after tick."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from unfelt.adapters.sources import Lapse
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.source import PromiseSource
from unfelt.engines.guard import GuardError
from unfelt.engines.guard.trouble import lateness
from unfelt.rollout.bodies import Tick
from unfelt.rollout.clock import Clock
from unfelt.rollout.decide import FINAL, Order, Standing, State, next_order
from unfelt.rollout.journal import Journal, OvertakenError
from unfelt.rollout.observer import LiveExperience, Lookout
from unfelt.rollout.retries import Patience
from unfelt.rollout.sealing import Sealer
from unfelt.rollout.traffic import Traffic
from unfelt.rollout.waiting import SILENCE, given_up, silence

GIVE_UP = 30.0
"""Seconds for which a router that does not answer is asked to go back; then the closed lease has to do."""
RECORDS_AGAIN = 1.0
"""Seconds before the next try where the steps of the rollout cannot be written down."""
SAID_AGAIN = 600.0
"""Seconds after which who is not counted is said once more."""
MOST_COUNTING = 120.0
"""Seconds for which, after going back, those who were under way are looked at to the end."""


@dataclass(slots=True)
class Worker:
    """Everything that one rollout needs in this process."""

    change: Change
    journal: Journal
    traffic: Traffic
    source: LiveExperience
    clock: Clock
    sealer: Sealer
    taken_back: Callable[[], bool]
    """Whether somebody has taken the customers back from outside this process."""
    show: Callable[[Tick], None] = lambda tick: None
    complain: Callable[[str], None] = lambda problem: None
    standing: Standing = field(init=False)
    lookout: Lookout = field(init=False)
    _patience: Patience = field(init=False)
    _unsaved: tuple[Tick, Order | None] | None = field(init=False, default=None)
    _quiet_until: float = field(init=False, default=0.0)
    """Until when it is not said again that nobody comes, by the steady clock."""
    _said_until: dict[str, float] = field(init=False, default_factory=dict)
    """Until when each warning of who is not counted is not said again, by the steady clock."""
    _is_behind: bool = field(init=False, default=False)
    """The records may have gone on without guard and source: both are taken back to them before the next look."""

    def open(self) -> None:
        """The router runs, the lease is open and the guard is where it was."""
        pause = self.change.guard.tick.total_seconds()
        self._patience = Patience(self.clock, pause, self.journal.reconnect, self.complain)
        self.lookout = Lookout(self.change, self.journal, self.traffic, self.source, self.clock)
        self.standing = self.journal.standing()
        saved = self.lookout.restore(self.standing)
        self.traffic.start()
        is_settled = self.standing.state is State.SOAKING and self.traffic.is_settled()
        if self.taken_back() or is_settled:
            return  # What is due is to end it; nobody is moved before that.
        if self.standing.state is State.PREPARED:
            self.traffic.begin_baseline()
        else:
            now = self.clock.now()
            self._start_over(Lapse(min(saved or self.lookout.since, now), now, "unfelt was not running"))
        self._refresh()

    def watch(self) -> Order:
        """Ticks until something is due that may be done now."""
        pause = self.change.guard.tick.total_seconds()
        while True:
            began = self.clock.steady()
            order = self._turn()
            if order is not None:
                return order
            self.clock.sleep(pause - (self.clock.steady() - began))

    def tick(self) -> Order | None:
        """One look: what is now due, or None. Extends the lease if all of it went well and is on record."""
        tick, order = self._looked()
        if _is_back(order):
            self.traffic.go_back()
        if not self._save(tick, is_proposing=order is not None and order.asks):
            if _is_back(order):
                self.traffic.reopen()
            return None
        if _is_back(order):
            return order
        if self.clock.steady() - self.lookout.looked > lateness(self.change).total_seconds():
            return None  # It could not be written for a while: what was due then may not be due now.
        if tick.trouble is None:
            self.traffic.extend(at=tick.at)
        return order

    def carry_out(self, order: Order) -> bool:
        """Whether the rollout has ended. The order is done and on record, or dropped: then the guard decides anew.

        Doing it twice is doing it once.
        """
        if self.standing.state in FINAL:
            return True
        if order.state is State.BACK:
            self._end_on_old(order)
        elif not self._patience.attempt(lambda: self._do(order)):
            return False
        self._patience.until_done(self._refresh)
        if self.standing.promoted:
            self.lookout.guard.begin_promotion()
        return order.final

    def wait_for_records(self, problem: str) -> None:
        """What the rollout does could not be written down: that is said, and the records can be written again."""
        said = Message("The records do not answer: {problem}. The rollout goes on once they do.", problem=problem)
        self._patience.say(str(said))
        self.clock.sleep(RECORDS_AGAIN)
        self._patience.until_done(self.journal.be_writable)

    def close(self) -> None:
        """Nobody is on `new` by our leave any more, and every file is closed."""
        self.traffic.lease.close()
        self.source.close()

    # One turn

    def _turn(self) -> Order | None:
        if self.taken_back():
            return _by_hand()
        self._patience.attempt(self._stay_in_place)
        self._patience.attempt(self.traffic.router.tend_log)
        # Not written is not done: the lease is not extended, and the same tick is saved on the next turn.
        order = self._patience.attempt(self.tick)
        self._say_who_is_missing()
        if self.taken_back():
            return _by_hand()
        if order is None or _is_back(order):
            return order
        return self._patience.attempt(lambda: self._permitted(order))

    def _say_who_is_missing(self) -> None:
        now = self.clock.steady()
        self._say_uncounted(now)
        said = silence(self.change, customers=self.lookout.customers, seconds=now - self.lookout.came)
        if said is not None and now >= self._quiet_until:
            self._quiet_until = now + SILENCE
            self._patience.say(str(said))

    def _say_uncounted(self, now: float) -> None:
        told = [Message.of(one) for one in self.lookout.status.get("uncounted", ())]
        for said in told:
            key = said.plain()["text"]
            if now >= self._said_until.get(key, 0.0):
                self._said_until[key] = now + SAID_AGAIN
                self._patience.say(str(said))

    def _looked(self) -> tuple[Tick, Order | None]:
        """The look that is not on record yet, or a new one on what is on record."""
        if self._is_behind:
            self._refresh()
            self.lookout.rewind(self.standing)
            self._is_behind = False
        if self._unsaved is None:
            self._is_behind = True  # A look that breaks off may have taught the guard already.
            self._unsaved = self._look()
            self._is_behind = False
        return self._unsaved

    def _drop_look(self) -> None:
        """What was seen and is not on record was seen of another time: it is seen, and decided, again."""
        self._unsaved, self._is_behind = None, True

    def _look(self) -> tuple[Tick, Order | None]:
        if self.lookout.note_jump():
            self._refresh()
        tick = self.lookout.look(self.standing)
        differing = tick.differing.because
        return tick, next_order(self.standing, tick.decision, self.change, now=tick.at, differing=differing)

    def _save(self, tick: Tick, *, is_proposing: bool) -> bool:
        """Whether it is on record; else it was overtaken, and is dropped."""
        try:
            self.journal.save_tick(tick, is_proposing=is_proposing)
        except OvertakenError:
            self._drop_look()
            return False
        self.lookout.note_saved(tick)
        self._unsaved = None
        self._patience.attempt(lambda: self.sealer.note_decision(at=tick.at))
        with suppress(OSError):  # A terminal that is gone or a full disk under it does not hinder the guard.
            self.show(tick)
        return True

    def _stay_in_place(self) -> None:
        lapse = self.traffic.lapse()
        if lapse is not None and not self.taken_back():
            self._start_over(lapse)

    def _start_over(self, lapse: Lapse) -> None:
        self._drop_look()
        self.traffic.start_over(lapse, baseline=self.standing.state is State.BASELINE)
        self._refresh()

    # Doing

    def _permitted(self, order: Order) -> Order | None:
        """The order, once a person has agreed where one has to, and the router sees the lease."""
        if order.asks:
            agreed = self.journal.propose(order, at=self.clock.now())
            if agreed is None:
                return None
            order = replace(order, share=agreed.share)
        wanted = self.lookout.waited_for() if self.standing.state is State.BASELINE else None
        if wanted is not None:
            self._patience.say(str(Message("the baseline goes on: {wanted}", wanted=wanted)))
            return given_up(self.change, self.standing, wanted, now=self.clock.now())
        return order if self.traffic.can_carry(order) else None

    def _do(self, order: Order) -> bool:
        """Whether it was done: an order from before an interruption is dropped once customers are on old."""
        if self._is_overtaken(order):
            return False
        if order.state is State.DONE:
            epoch = self.traffic.settle(order)
            self._patience.until_done(lambda: self.journal.moved(order, epoch, at=epoch.began))
        elif self.standing.state is State.BASELINE:
            try:
                fixed, guard = self.lookout.begin_watching()
            except GuardError as error:
                self._patience.say(str(error))
                return False
            self.traffic.move(order, fixed=fixed)
            self.lookout.watch(fixed, guard)
        elif order.share != self.standing.share:
            self.traffic.move(order)
        else:
            self.journal.enter(order, at=self.clock.now())
        return True

    def _is_overtaken(self, order: Order) -> bool:
        """Something happened after the look that led to the order, noted or not yet noted."""
        if not self.traffic.can_carry(order) or self.traffic.lapse() is not None:
            return True
        return self.standing.state is not State.PREPARED and self.journal.is_overtaken()

    def _end_on_old(self, order: Order) -> None:
        """Everybody is on old and that is on record; a router that stays silent has lost the lease at any rate."""
        end = self.clock.steady() + GIVE_UP
        silent = self.traffic.go_back()
        while silent is not None and self.clock.steady() < end:
            self._patience.say(str(silent))
            self.clock.sleep(self.change.guard.tick.total_seconds())
            silent = self.traffic.go_back()
        epoch, why = self.traffic.back_epoch(), str(silent) if silent else None
        self._patience.until_done(lambda: self.journal.went_back(order, epoch, unconfirmed=why))
        self._drop_look()
        self._count_out()

    def _count_out(self) -> None:
        """Who was under way is looked at to the end, where that is soon: else they all count as affected."""
        self._patience.until_done(self._refresh)
        end = self.clock.steady() + min(MOST_COUNTING, 2 * longest_window(self.change).total_seconds() + 5)
        while self.lookout.status.get("in_flight") and self.clock.steady() < end:
            self.clock.sleep(self.change.guard.tick.total_seconds())
            self._patience.attempt(self._count)

    def _count(self) -> None:
        self._save(self._looked()[0], is_proposing=False)

    def _refresh(self) -> None:
        self.standing = self.journal.standing()
        self.traffic.refresh()


def longest_window(change: Change) -> timedelta:
    """How long it takes at most to see a customer to the end of all windows, later looks left out."""
    experience = change.experience
    within = [one.within for one in experience.sources.values() if isinstance(one, PromiseSource)]
    windows = [metric.observe or experience.observe for metric in experience.metrics]
    return max(windows) + experience.grace + max(within, default=timedelta(0))


def _is_back(order: Order | None) -> bool:
    return order is not None and order.state is State.BACK and not order.asks


def _by_hand() -> Order:
    return Order(State.BACK, 0.0, Message("taken back by hand"))
