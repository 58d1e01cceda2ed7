"""Old against old on a record: how often the guard raises a false alarm, and what it catches at what cost."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from unfelt.adapters.sources.history import History
from unfelt.documents.change import Change
from unfelt.documents.rolling import RolloutPlan
from unfelt.engines.guard.calibration.customers import Customers
from unfelt.engines.guard.calibration.trial import Ending, Stretch, roll_out
from unfelt.engines.guard.calibration.visits import Asked, Bools, Experience, Visits

ON_PAPER = RolloutPlan(old="http://old.invalid", new="http://new.invalid")
"""How fast the share grows in a plan that does not say: nothing of it is reached."""
HARMS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Parts of the customers for whom everything is bad on new, where nobody says which."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What is to be played: so many rollouts without harm, and so many with each size of it, from one seed."""

    harmless: int = 100
    harms: tuple[float, ...] = HARMS
    each: int = 20
    seed: int = 1

    def jobs(self) -> list[tuple[float, int]]:
        """The size of the harm and the number of every rollout; the first of each size come first."""
        found = [(0.0, number) for number in range(self.harmless)]
        found += [(harm, number) for harm in self.harms for number in range(self.each)]
        return sorted(found, key=lambda job: (job[1] / (self.each if job[0] else max(self.harmless, 1)), job[0]))


class Record:
    """A history made ready to be played again and again."""

    def __init__(self, change: Change, history: History) -> None:
        """Later looks are left out: they come after the rollout has ended."""
        self._change = change.model_copy(
            update={
                "experience": change.experience.model_copy(update={"later": ()}),
                "rollout": change.rollout or ON_PAPER,
            }
        )
        self._history = history
        members = history.measures.members
        self._asked = tuple(
            Asked(one.name, one.observe.total_seconds(), one.times, one.is_score, one.affects) for one in members
        )
        self._visits = Visits(history.time, history.who, history.values, history.groups, history.peaks)
        broken = broken_metric(history)
        everything = np.ones(len(history.time))
        self._old = Experience.of(self._visits, self._asked, history.answers)
        self._broken = Experience.of(
            self._visits,
            self._asked,
            [
                everything if one.metric == broken else answers
                for one, answers in zip(members, history.answers, strict=True)
            ],
        )

    def play(self, harm: float, number: int, *, seed: int) -> Ending:
        """One rollout, with customers drawn afresh, from a moment in the first half of the record on."""
        random = np.random.default_rng((seed, number, round(harm * 1e9)))
        people, tick = self._history.people, self._change.guard.tick.total_seconds()
        seats, is_hit = random.random(people), random.random(people) < harm
        since = tick * np.floor(random.uniform(0, self._history.seconds / 2) / tick)
        hit: Bools = is_hit[self._visits.who]
        customers = Customers(
            self._visits,
            self._asked,
            (self._old, self._old.mixed(self._broken, hit) if harm else self._old),
            seats=seats,
            harmful=hit,
            tick=tick,
            grace=self._change.experience.grace.total_seconds(),
        )
        stretch = Stretch(float(since), self._history.seconds, self._history.began)
        return roll_out(
            self._change, customers, stretch=stretch, rate=self._rate(float(since)), segments=self._history.values
        )

    def _rate(self, since: float) -> float | None:
        """Customers a second, as a baseline before the rollout would have told."""
        lasts = (self._change.rollout or ON_PAPER).baseline.total_seconds()
        start = max(0.0, since - lasts)
        some = self._visits.who[self._visits.between(start, start + lasts)]
        return len(np.unique(some)) / lasts if len(some) and lasts else None


def broken_metric(history: History) -> str:
    """The metric in which the planted harm shows: the first that counts towards the budget."""
    return next(one.metric for one in history.measures.members if one.affects)


_record: Record | None = None


def _begin(change: Change, history: History) -> None:
    global _record  # noqa: PLW0603  (each worker prepares the record once)
    _record = Record(change, history)


def _played(harm: float, number: int, seed: int) -> tuple[float, Ending]:
    if _record is None:
        raise RuntimeError("The record was not prepared.")
    return harm, _record.play(harm, number, seed=seed)


def calibrate(change: Change, history: History, trials: Trials, *, workers: int) -> Iterator[tuple[float, Ending]]:
    """The endings as they come, each with the size of its harm; who stops asking stops the work."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (change, history))
    try:
        jobs: list[Future[tuple[float, Ending]]] = [
            pool.submit(_played, harm, number, trials.seed) for harm, number in trials.jobs()
        ]
        for job in as_completed(jobs):
            yield job.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
