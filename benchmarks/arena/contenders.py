"""Who takes part: each as its documentation has it, and tuned by somebody who knows the traffic and the margin.

Rules and defaults were read in the projects' sources and documentation (September to November 2026); a rollout of
days is pressed into the hours of the scene where nothing else is said. Every contender plays on the same stream.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from population import Scene, Stream
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

from unfelt.documents.change import Change
from unfelt.engines.guard.calibration.customers import Customers
from unfelt.engines.guard.calibration.trial import Stretch, roll_out
from unfelt.engines.guard.calibration.visits import Asked, Experience, Visits

START = datetime(2026, 1, 1, tzinfo=UTC)
METRIC = "failed"
OBSERVE = 5.0
TICK = 1.0


@dataclass(frozen=True)
class End:
    """How a rollout ended: back, promote, spent or undecided; after so many seconds, with so many affected."""

    action: str
    seconds: float
    affected: int
    at_most: int | None = None


@dataclass(frozen=True)
class Terms:
    """What is at stake: the margin as a difference of rates, the impact budget in customers, both error rates."""

    margin: float = 0.001
    budget: int = 150
    alpha: float = 0.01
    beta: float = 0.01


class World:
    """The stream as a tool sees it that counts requests: it asks for some seconds at a share."""

    def __init__(self, stream: Stream, *, seconds: float) -> None:
        self._stream, self._limit = stream, seconds
        self._hurt = np.zeros(len(stream.seat), dtype=bool)
        self.now = 0.0

    @property
    def is_over(self) -> bool:
        """The record of the scene ends here."""
        return self.now >= self._limit

    @property
    def affected(self) -> int:
        """Customers who met something bad on new that old would have spared them."""
        return int(self._hurt.sum())

    def __call__(self, share: float, seconds: float) -> tuple[int, int, int, int]:
        """Requests and bad ones among them, on old and on new, of the next seconds."""
        stream, some = self._stream, self._stream.between(self.now, self.now + seconds)
        self.now += seconds
        who = stream.who[some]
        new = stream.seat[who] < share
        bad_old, bad_new = stream.bad_old[some], stream.bad_new[some]
        self._hurt[who[new & bad_new & ~bad_old]] = True
        return int((~new).sum()), int((bad_old & ~new).sum()), int(new.sum()), int((bad_new & new).sum())

    def ends(self, action: str) -> End:
        """It ended like that, now."""
        return End(action, self.now, self.affected)


Contender = Callable[[Stream, Scene, Terms], End]


# unfelt ----------------------------------------------------------------------------------------------------------


def plan(terms: Terms, *, segments: bool, names: Sequence[str] = (METRIC,)) -> Change:
    """The plan of the scene: one margin for each metric, one budget."""
    groups = [{"by": "group", "values": ["a", "b"]}] if segments else []
    metrics = [{"id": name, "bad": "status >= 500", "margin": f"{terms.margin:%}"} for name in names]
    return change_of(*metrics, segments=groups, terms=terms)


def change_of(
    *metrics: dict[str, str], segments: Sequence[dict[str, object]] = (), terms: Terms = Terms()
) -> Change:
    """A change that is judged by these metrics."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "arena", "title": "Arena", "owner": "nobody"},
            "experience": {
                "customer": "cookie:uid",
                "observe": f"{OBSERVE:g}s",
                "grace": "0s",
                "segments": segments,
                "metrics": list(metrics),
            },
            "guard": {
                "impact_budget": f"{terms.budget} customers",
                "tick": f"{TICK:g}s",
                "false_alarm": f"{terms.alpha:%}",
                "missed_harm": f"{terms.beta:%}",
            },
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2", "largest_share": "50%"},
        }
    )


def unfelt(stream: Stream, scene: Scene, terms: Terms, *, segments: bool = False) -> End:
    """The guard of a live rollout, with the rate from its baseline; no outage that follows a widening."""
    customers = customers_of(stream, scene, segments=segments)
    whole = Stretch(0.0, scene.seconds, START)
    rate = scene.rate / (1 + scene.returns)
    ending = roll_out(plan_of(scene, terms, segments=segments), customers, stretch=whole, rate=rate)
    return End(ending.action, ending.seconds, ending.affected, ending.at_most)


def customers_of(stream: Stream, scene: Scene, *, segments: bool = False) -> Customers:
    """The customers of the stream as the guard meets them."""
    groups = {"group": np.where(stream.in_group, 0, 1)} if segments else {}
    visits = Visits(stream.time, stream.who, {"group": ("a", "b")} if segments else {}, groups)
    asked = tuple(Asked(name, OBSERVE) for name in _metrics(scene))
    old, new = (
        [bad & ((stream.metric == i) | (stream.metric < 0)) for i in range(scene.metrics)]
        for bad in (stream.bad_old, stream.bad_new)
    )
    return Customers(
        visits,
        asked,
        (Experience.of(visits, asked, old), Experience.of(visits, asked, new)),
        seats=stream.seat[: visits.people],
        harmful=stream.bad_new & ~stream.bad_old,
        tick=TICK,
    )


def plan_of(scene: Scene, terms: Terms, *, segments: bool = False) -> Change:
    """The plan of the scene, with all its metrics."""
    return plan(terms, segments=segments, names=_metrics(scene))


def _metrics(scene: Scene) -> tuple[str, ...]:
    return (METRIC, *(f"{METRIC}{i}" for i in range(2, scene.metrics + 1)))


# Peers that judge requests ---------------------------------------------------------------------------------------


def flagger(
    stream: Stream,
    scene: Scene,
    terms: Terms,
    *,
    step: int = 5,
    largest: int = 50,
    threshold: int = 10,
    success: float | None = 0.99,
) -> End:
    """Flagger, the documentation's example: every 60 s one check of the success rate, +5 % up to 50 %.

    success: the least that passes; None is half the margin below old, as who knows both would have it.

    Failed checks add up over the whole run; the limit is looked at before the next check, so that going back comes
    one interval later; no value is a failed check.
    """
    world, share, failed = World(stream, seconds=scene.seconds), 0, 0
    least = _least(scene, terms) if success is None else success
    while not world.is_over:
        _, _, n, bad = world(share / 100, 60)
        if share:
            if failed >= threshold:
                return world.ends("back")
            if n == 0 or 1 - bad / n < least:
                failed += 1
                continue
        if share >= largest:
            return world.ends("promote")
        share += step
    return world.ends("undecided")


def argo(
    stream: Stream,
    scene: Scene,
    terms: Terms,
    *,
    success: float | None = 0.95,
    failure_limit: int = 3,
    every: int = 300,
) -> End:
    """Argo Rollouts, the documentation's background analysis: 20/40/60/80 %, ten minutes each.

    A measurement every five minutes from the second step on; it goes back once more than three have failed.
    """
    world, failed = World(stream, seconds=scene.seconds), 0
    least = _least(scene, terms) if success is None else success
    for step, share in enumerate((0.2, 0.4, 0.6, 0.8)):
        for part in range(600 // every):
            _, _, n, bad = world(share, every)
            if (step or part) and n and 1 - bad / n < least:
                failed += 1
            if failed > failure_limit:
                return world.ends("back")
    return world.ends("promote")


def _least(scene: Scene, terms: Terms) -> float:
    return 1 - scene.base - terms.margin / 2


def kayenta(
    stream: Stream,
    scene: Scene,
    _terms: Terms,
    *,
    judgements: int = 3,
    minutes: int = 60,
    share: float = 0.1,
    step: int = 60,
) -> End:
    """Kayenta as Spinnaker advises it: three hours, judged every 60 min on the growing window, one value a minute.

    NetflixACAJudge: Mann-Whitney at 98 %, tolerance a quarter of the shift; one metric, so that "High" is a fail.
    """
    world = World(stream, seconds=scene.seconds)
    canary: list[float] = []
    control: list[float] = []
    for _judgement in range(judgements):
        for _point in range(minutes * 60 // step):
            k, a, n, b = world(share, step)
            control.append(a / max(k, 1))
            canary.append(b / max(n, 1))
        if _is_high(np.array(canary), np.array(control)):
            return world.ends("back")
    return world.ends("promote")


def _is_high(x: np.ndarray, y: np.ndarray, *, confidence: float = 0.98, tolerance: float = 0.25) -> bool:
    if np.array_equal(np.sort(x), np.sort(y)) or len(np.unique(np.r_[x, y])) == 1:
        return False
    low, high = x.min() - y.max(), x.max() - y.min()
    quantile = norm.ppf((1 - confidence) / 2)

    def root(target: float) -> float:
        below, above = _rank_z(low, x, y) - target, _rank_z(high, x, y) - target
        if below <= 0:
            return float(low)
        if above >= 0:
            return float(high)
        return float(brentq(lambda shift: _rank_z(shift, x, y) - target, low, high, xtol=5e-5))

    lowest, shift = root(-quantile), root(0.0)
    return lowest > tolerance * abs(shift) and (y.mean() == 0 or x.mean() == 0 or x.mean() / y.mean() >= 1.0)


def _rank_z(shift: float, x: np.ndarray, y: np.ndarray) -> float:
    m, n = len(x), len(y)
    ranks = rankdata(np.r_[x - shift, y])
    _, ties = np.unique(ranks, return_counts=True)
    off = ranks[:m].sum() - m * (m + 1) / 2 - m * n / 2
    spread = m * n / 12 * ((m + n + 1) - ((ties.astype(float) ** 3 - ties).sum()) / ((m + n) * (m + n - 1)))
    return float((off - 0.5 * np.sign(off)) / math.sqrt(spread)) if spread > 0 else 0.0


def growthbook(
    stream: Stream, scene: Scene, terms: Terms, *, least: int = 150, looks: int = 6, alpha: float = 0.05
) -> End:
    """GrowthBook's monitored ramp: 1/5/10/25/50 %, each of the first four a tenth of the time, an equal control.

    A guardrail is lost by the one-sided asymptotic confidence sequence (tuned at 5,000) once the larger arm has
    150 events, and acted on when a step is over. The duration, five days by default, is that of the scene.
    """
    world = World(stream, seconds=scene.seconds)
    random = np.random.default_rng(0)
    bad_a = n_a = bad_b = n_b = 0
    for share, part in ((0.01, 0.1), (0.05, 0.1), (0.1, 0.1), (0.25, 0.1), (0.5, 0.6)):
        for _look in range(looks):
            k, a, n, b = world(share, scene.seconds * part / looks)
            m = min(k, n)
            bad_a += int(random.hypergeometric(a, k - a, m)) if m else 0
            n_a, bad_b, n_b = n_a + m, bad_b + b, n_b + n
            if looks > 6 and _is_lost(bad_a, n_a, bad_b, n_b, least=least, alpha=alpha):
                return world.ends("back")
        if _is_lost(bad_a, n_a, bad_b, n_b, least=least, alpha=alpha):
            return world.ends("back")
    return world.ends("promote")


def _is_lost(bad_a: int, n_a: int, bad_b: int, n_b: int, *, least: int, alpha: float) -> bool:
    if not (n_a and n_b and bad_a and bad_b) or max(bad_a, bad_b) < least:
        return False
    a, b, n = bad_a / n_a, bad_b / n_b, n_a + n_b
    error = math.sqrt(a * (1 - a) / n_a + b * (1 - b) / n_b)
    rho2 = (-2 * math.log(2 * alpha) + math.log(-2 * math.log(2 * alpha) + 1)) / 5000
    k = n * rho2 + 1
    half = error * math.sqrt(n) * math.sqrt(2 * k / (n * n * rho2) * math.log(1 + math.sqrt(k) / (2 * alpha)))
    return b - a > half and (b - a) / a >= 0.005


def statsig(stream: Stream, scene: Scene, _terms: Terms, *, looks: int = 4, alpha: float = 0.05) -> End:
    """Statsig's rollout alert: looked at once a stage, here 1/10/50 % pressed into the scene; one-sided mSPRT."""
    world = World(stream, seconds=scene.seconds)
    a = n_a = b = n_b = 0
    for share in (0.01, 0.1, 0.5):
        for _look in range(looks // 3 or 1):
            more = world(share, scene.seconds / 3 / (looks // 3 or 1))
            n_a, a, n_b, b = n_a + more[0], a + more[1], n_b + more[2], b + more[3]
            if n_a and n_b and _statsig_alarm(a, n_a, b, n_b, alpha):
                return world.ends("back")
    return world.ends("promote")


def _statsig_alarm(a: int, n_a: int, b: int, n_b: int, alpha: float) -> bool:
    p_a, p_b = a / n_a, b / n_b
    var_a, var_b = p_a * (1 - p_a), p_b * (1 - p_b)
    v = var_a / n_a + var_b / n_b
    if v == 0:
        return False
    tau = norm.ppf(1 - alpha) ** 2 * (var_a + var_b) / (n_a + n_b)
    z = math.sqrt((v + tau) / tau * (-2 * math.log(alpha) - math.log(v / (v + tau))))
    return p_b - p_a > z * math.sqrt(v)


# Sequential tests that watch all the time, on the ramp that tutorials show ---------------------------------------

RAMP = ((0.01, 300.0), (0.05, 600.0), (0.2, 900.0), (0.5, 4200.0))
"""Shares, and seconds at each: in all 100 min, about what a proof takes here."""


def _watched(stream: Stream, scene: Scene, alarm: Callable[[float, float, float, float], bool]) -> End:
    """Looked at every second on a ramp of 1/5/20/50 % of 100 min; promoted at its end."""
    world = World(stream, seconds=scene.seconds)
    a = n_a = b = n_b = 0
    for share, lasts in RAMP:
        until = world.now + lasts
        while world.now < until and not world.is_over:
            more = world(share, 1.0)
            n_a, a, n_b, b = n_a + more[0], a + more[1], n_b + more[2], b + more[3]
            if n_a and n_b and alarm(a, n_a, b, n_b):
                return world.ends("back")
    return world.ends("promote")


def msprt(stream: Stream, scene: Scene, terms: Terms) -> End:
    """mSPRT (Johari et al. 2022) on the pooled difference, normal prior of the size of the base rate."""

    def alarm(a: float, n_a: float, b: float, n_b: float) -> bool:
        pooled = (a + b) / (n_a + n_b)
        v = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
        if v <= 0 or b / n_b <= a / n_a:
            return False
        tau = scene.base**2
        log = 0.5 * math.log(v / (v + tau)) + tau * (b / n_b - a / n_a) ** 2 / (2 * v * (v + tau))
        return log >= math.log(1 / terms.alpha)

    return _watched(stream, scene, alarm)


def asymptotic(stream: Stream, scene: Scene, terms: Terms) -> End:
    """Asymptotic confidence sequence (Waudby-Smith et al. 2024), pooled, after 10 failures on each arm."""

    def alarm(a: float, n_a: float, b: float, n_b: float) -> bool:
        if min(a, b) < 10:
            return False
        p_a, p_b, n = a / n_a, b / n_b, n_a + n_b
        error = math.sqrt(p_a * (1 - p_a) / n_a + p_b * (1 - p_b) / n_b)
        rho2 = (-2 * math.log(2 * terms.alpha) + math.log(-2 * math.log(2 * terms.alpha) + 1)) / 5000
        k = n * rho2 + 1
        half = (
            error
            * math.sqrt(n)
            * math.sqrt(2 * k / (n * n * rho2) * math.log(1 + math.sqrt(k) / (2 * terms.alpha)))
        )
        return p_b - p_a > half

    return _watched(stream, scene, alarm)


def oracle(stream: Stream, scene: Scene, terms: Terms, *, share: float = 0.05) -> End:
    """Knows both rates: the likelihood ratio of the label at a small share; goes back at 1/alpha."""
    world, log = World(stream, seconds=scene.seconds), 0.0
    t0, t1 = scene.base, scene.base + scene.harm
    if t1 == t0:
        return End("promote", 0.0, 0)
    mixed = share * t1 + (1 - share) * t0
    while not world.is_over:
        k, a, n, b = world(share, 1.0)
        log += b * math.log(t1 / mixed) + (n - b) * math.log((1 - t1) / (1 - mixed))
        log += a * math.log(t0 / mixed) + (k - a) * math.log((1 - t0) / (1 - mixed))
        if log >= math.log(1 / terms.alpha):
            return world.ends("back")
    return world.ends("undecided")
