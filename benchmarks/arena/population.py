"""One population of customers, the same for every contender: who comes when, and what each version does to them.

Both outcomes of every visit are drawn beforehand, so that each contender decides only who meets which version.
What is counted as affected is then no estimate: a customer who met something bad on new that old would have spared
them.
"""

from dataclasses import dataclass, field, replace

import numpy as np

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Scene:
    """What kind of day it is.

    rate: visits a second, on average. base: how often a visit is bad on old. harm: how much more often on new, in
    addition. days: seconds of a daily cycle of ±`swing`, in traffic and in base rate. returns: visits of a
    customer beside the first, on average. alike: how much customers differ in luck (0: not at all). noise: size of
    an autocorrelated factor on the base rate, from minute to minute. onset: seconds after which the harm begins.
    group: the part of the customers whom the harm is confined to; base and harm are per visit. times: how many
    times as often on new, beside harm. grows: seconds in which harm grows from nothing to what it is (0: none).

    What hits both versions alike: drift: the base rate is so many times as large after `drifts` seconds (0: at
    the end), in a straight line. outage: the part of the visits that fail on both, for `lasts` seconds from
    `begins` on; follows: it begins within five seconds of that widening instead (1: the first after the first
    share). metrics: a bad visit is bad in one of so many, one of an outage in all. looks: seconds between the
    guard's looks while nothing happens (0: every tick).
    """

    name: str
    rate: float = 20.0
    base: float = 0.003
    harm: float = 0.0
    seconds: float = 3 * 3600.0
    day: float = 86_400.0
    swing: float = 0.0
    returns: float = 0.0
    alike: float = 0.0
    noise: float = 0.0
    onset: float = 0.0
    group: float = 1.0
    times: float = 1.0
    grows: float = 0.0
    drift: float = 1.0
    drifts: float = 0.0
    outage: float = 0.0
    begins: float = 0.0
    lasts: float = 180.0
    follows: int = 0
    metrics: int = 1
    looks: float = 0.0


@dataclass(frozen=True)
class Stream:
    """All visits of one run in order of time: when, who, outcome on old and new, group; and each seat u."""

    time: Floats
    who: Ints
    bad_old: Bools
    bad_new: Bools
    in_group: Bools
    seat: Floats
    harm: float
    first: Bools = field(repr=False)
    """The first visit of its customer."""
    metric: Ints = field(repr=False)
    """In which metric the visit is bad, if it is."""
    is_out: Bools = field(repr=False)
    """Whether the visit would fail in an outage."""
    late: float = 0.0
    """How long after a widening an outage begins that follows one."""

    def between(self, since: float, until: float) -> slice:
        """The visits in [since, until)."""
        low, high = np.searchsorted(self.time, (since, until))
        return slice(int(low), int(high))


def draw(scene: Scene, seed: int) -> Stream:
    """One run of it."""
    random = np.random.default_rng(seed)
    customers_a_second = scene.rate / (1 + scene.returns)
    count = random.poisson(customers_a_second * scene.seconds)
    came = _times(scene, random, count)
    visits = 1 + (random.poisson(scene.returns, count) if scene.returns else np.zeros(count, dtype=np.int64))
    who = np.repeat(np.arange(count), visits)
    later = random.exponential(1800.0, len(who))
    is_first = np.r_[True, who[1:] != who[:-1]] if len(who) else np.zeros(0, dtype=bool)
    gap = np.where(is_first, 0.0, later)
    time = came[who] + _within(gap, is_first)
    order = np.argsort(time, kind="stable")
    time, who = time[order], who[order]
    keep = time < scene.seconds
    time, who, is_first = time[keep], who[keep], is_first[order][keep]
    luck = _luck(scene, random, count)[who]
    base = np.minimum(scene.base * luck * _factor(scene, random, time) * _drift(scene, time), 0.9)
    in_group = (random.random(count) < scene.group)[who]
    harm = (scene.harm * _growth(scene, time) + (scene.times - 1) * base) / (1 - base)
    harmed = in_group & (time >= scene.onset) & (random.random(len(time)) < harm)
    bad_old = random.random(len(time)) < base
    seat = random.random(count)
    metric = random.integers(scene.metrics, size=len(time))
    is_out = random.random(len(time)) < scene.outage
    late = float(random.uniform(0.0, 5.0))
    stream = Stream(
        time, who, bad_old, bad_old | harmed, in_group, seat, scene.harm, is_first, metric, is_out, late
    )
    return stream if scene.follows else with_outage(stream, scene, scene.begins)


def with_outage(stream: Stream, scene: Scene, begins: float) -> Stream:
    """The same with the scene's outage from then on."""
    if not scene.outage:
        return stream
    out = stream.is_out & (stream.time >= begins) & (stream.time < begins + scene.lasts)
    metric = np.where(out, -1, stream.metric)
    return replace(stream, bad_old=stream.bad_old | out, bad_new=stream.bad_new | out, metric=metric)


def _drift(scene: Scene, time: Floats) -> Floats:
    return 1 + (scene.drift - 1) * np.minimum(time / (scene.drifts or scene.seconds), 1.0)


def _growth(scene: Scene, time: Floats) -> Floats:
    return np.minimum(time / scene.grows, 1.0) if scene.grows else np.ones(len(time))


def _within(gap: Floats, is_first: Bools) -> Floats:
    """Running sums that begin anew with each customer."""
    total = np.cumsum(gap)
    starts = np.flatnonzero(is_first)
    return total - np.repeat(total[starts], np.diff(np.r_[starts, len(gap)]))


def _times(scene: Scene, random: np.random.Generator, count: int) -> Floats:
    if not scene.swing:
        return np.sort(random.uniform(0, scene.seconds, count))
    grid = np.linspace(0, scene.seconds, 4096)
    flow = np.cumsum(1 + scene.swing * np.sin(2 * np.pi * grid / scene.day))
    return np.sort(np.interp(random.uniform(flow[0], flow[-1], count), flow, grid))


def _luck(scene: Scene, random: np.random.Generator, count: int) -> Floats:
    if not scene.alike:
        return np.ones(count)
    return random.gamma(1 / scene.alike, scene.alike, count)


def _factor(scene: Scene, random: np.random.Generator, time: Floats) -> Floats:
    cycle = 1 + scene.swing * np.sin(2 * np.pi * time / scene.day + 1)
    if not scene.noise:
        return cycle
    minutes = int(scene.seconds // 60) + 2
    shocks, level = random.normal(0, scene.noise * np.sqrt(1 - 0.8**2), minutes), np.zeros(minutes)
    level[0] = random.normal(0, scene.noise)
    for minute in range(1, minutes):
        level[minute] = 0.8 * level[minute - 1] + shocks[minute]
    return cycle * np.exp(level[(time // 60).astype(int)] - scene.noise**2 / 2)
