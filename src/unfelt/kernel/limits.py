"""What physics allows: how many customers any method needs, and a forecast from it (STATISTICS §4)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from unfelt.kernel.harmed import Stakes, foreseen
from unfelt.kernel.labelgrid import PROMOTE_WEIGHTS
from unfelt.kernel.margins import Floats, Numbers, project
from unfelt.kernel.onset import log_mean
from unfelt.kernel.scores import BINS, score_factors

ENGINEERING = 1.35
"""What the guard really needs over the bound, as measured: forecasts are the bound times this."""

SLOW = 1.5
"""A proof that takes so many times as long as is likely is to fit into the budget that is asked for."""

_NEVER = 1e-9


def kl(a: Numbers, b: Numbers) -> Floats:
    """KL divergence of one yes/no at rates a and b: a·ln(a/b) + (1-a)·ln((1-a)/(1-b)), with 0·ln 0 = 0.

    Units: natural logarithms per customer. Shapes: broadcast. Source: Kullback & Leibler 1951.

    >>> round(float(kl(0.02, 0.01)), 5), float(kl(0.0, 0.0))
    (0.00391, 0.0)
    """
    a, b = (np.asarray(x, dtype=float) for x in np.broadcast_arrays(a, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        yes = np.where(a > 0, a * np.log(a / b), 0.0)
        no = np.where(a < 1, (1 - a) * np.log((1 - a) / (1 - b)), 0.0)
    return np.asarray(yes + no)


def information(p1: Numbers, p0: Numbers, q: Numbers, *, rho: Numbers = 1.0, d: Numbers = 0.0) -> Floats:
    """Evidence per customer on new against the line p1 = rho·p0 + d when the rates are (p1, p0).

    Formula: KL(p1, m1) + ((1-q)/q)·KL(p0, m0), (m1, m0) the projection. Source: Wald 1945, Lorden 1971.
    Assumes: old runs beside new at propensity q. Units: natural logarithms. Shapes: broadcast.

    >>> round(float(np.log(100) / information(0.02, 0.01, 0.1)))  # STATISTICS §4: 1345
    1345
    """
    p1, p0 = (np.clip(np.asarray(p, dtype=float), _NEVER, 1 - _NEVER) for p in (p1, p0))
    q = np.asarray(q, dtype=float)
    m1, m0 = project(p1, p0, q, rho=rho, d=d)
    result: Floats = kl(p1, m1) + (1 - q) / q * kl(p0, m0)
    return result


def needed_to_see(p0: Numbers, p1: Numbers, q: Numbers, *, level: float) -> Floats:
    """The least expected customers on new before harm p1 > p0 is seen at `level`: ln(1/level)/information.

    No method does better at every p0; excess customers harmed are this times p1 - p0. Shapes: broadcast.

    >>> [round(float(needed_to_see(0.01, 0.05, q, level=0.01))) for q in (0.01, 0.1, 0.5)]
    [114, 135, 308]
    """
    return np.asarray(np.log(1 / level) / information(p1, p0, q))


def needed_to_prove(
    p0: Numbers, p1: Numbers, q: Numbers, *, level: float, rho: Numbers = 1.0, d: Numbers = 0.0
) -> Floats:
    """The least expected customers on new before "beyond rho·p0 + d" is excluded at `level`: shape broadcast.

    Infinite where p1 is not within the margin.

    >>> round(float(needed_to_prove(0.01, 0.01, 0.5, level=0.01, d=0.02)))
    599
    >>> float(needed_to_prove(0.01, 0.04, 0.5, level=0.01, d=0.02))
    inf
    """
    p1, p0 = np.asarray(p1, dtype=float), np.asarray(p0, dtype=float)
    within = p1 < rho * p0 + d
    return np.where(within, np.log(1 / level) / np.maximum(information(p1, p0, q, rho=rho, d=d), 1e-300), np.inf)


def needed_to_prove_mean(shape: Floats, q: float, *, level: float, d: float) -> float:
    """Customers on new before "the mean is higher by d or more" is excluded at `level`, if new is as old.

    shape: parts of customers by bin, (21,). Formula: the n at which the mixture of the guard's own bets is
    1/level where each has its mean logarithm for every customer: Σ w·exp(n·g) = 1/level; none grows: infinite.
    Units: customers. Source: `scores.score_factors`.

    >>> narrow, wide = np.zeros(21), np.zeros(21)
    >>> narrow[[2, 6]], wide[[0, 20]] = 0.5, (0.8, 0.2)
    >>> [round(needed_to_prove_mean(shape, 0.5, level=0.01, d=0.05)) for shape in (narrow, wide)]
    [149, 1731]
    """
    mean = np.array([shape @ BINS])
    each = score_factors(q * shape[None], (1 - q) * shape[None], q, mean, d=np.array([d]), side=-1)[0]
    if each.max() <= 0:
        return float("inf")
    low, high = 0.0, float(2 * (np.log(1 / level) - np.log(PROMOTE_WEIGHTS.min())) / each.max())
    for _halving in range(60):
        middle = (low + high) / 2
        is_enough = log_mean(middle * each[None], PROMOTE_WEIGHTS)[0] >= np.log(1 / level)
        low, high = (low, middle) if is_enough else (middle, high)
    return high * q


def needed_for_all(each: Floats, *, level: float) -> float:
    """Customers until all of several proofs stand, on average, where each alone takes so many: shape (proofs,).

    Formula: ∫ 1 - ΠF, F inverse Gaussian of that mean and of shape mean·ln(1/level)/2: when a Brownian motion of
    drift m and variance 2m first stands at ln(1/level), as a log likelihood ratio of a small effect does.
    Source: Wald 1947, Folks & Chhikara 1978. Assumes: proofs that are independent; else it takes less.

    >>> round(needed_for_all(np.array([80.0, 8.0]), level=0.01), 1), needed_for_all(np.array([80.0]), level=0.01)
    (80.0, 80.0)
    >>> round(needed_for_all(np.array([100.0, 100.0, 100.0]), level=0.0075))
    153
    """
    longest = float(np.max(each))
    if len(each) == 1 or not np.isfinite(longest):
        return longest
    shape, times = np.log(1 / level) / 2, np.linspace(0.0, 12.0, 6001)[1:]
    part = times[:, None] * longest / np.maximum(each, 1e-9)
    root = np.sqrt(shape / part)
    late = np.exp(2 * shape) * ndtr(-root * (part + 1))
    done = np.clip(ndtr(root * (part - 1)) + late, 0.0, 1.0).prod(axis=1)
    return longest * max(1.0, float((1 - done).sum() * (times[1] - times[0]) + times[0] / 2))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a proof is likely to take: customers on new, customers in all, seconds, and the smallest budget."""

    new: float
    customers: float
    seconds: float
    budget: float


def forecast(
    p0: Numbers,
    fraction: Numbers,
    *,
    rho: Numbers,
    d: Numbers,
    anything: float,
    q: float,
    rate: float,
    level: float,
    in_flight: float = 0.0,
) -> Forecast:
    """The bound times 1.35 for the slowest of several cells, at one share q, if new is as good as old.

    p0, fraction, rho, d: each cell's base rate, its part of the customers and its margin, shape (cells,).
    anything: the base rate of "anything bad". rate: customers per second. in_flight: on new, windows open.
    The budget: see `smallest_budget`.

    >>> one = np.array([1.0])
    >>> f = forecast(0.01 * one, one, rho=1.0, d=0.02, anything=0.01, q=0.5, rate=100.0, level=0.01)
    >>> round(f.new), round(f.seconds, 1), round(f.budget, 1)
    (809, 16.2, 21.4)
    """
    each = needed_to_prove(p0, p0, q, level=level, rho=rho, d=d) / np.asarray(fraction, dtype=float)
    new = ENGINEERING * float(np.max(each))
    budget = smallest_budget(new, anything=anything, q=q, level=level, in_flight=in_flight)
    return Forecast(new=new, customers=new / q, seconds=new / (q * rate), budget=budget)


def smallest_budget(new: float, *, anything: float, q: float, level: float, in_flight: float = 0.0) -> float:
    """The budget that a good change needs to expose `new` customers, where luck is against it.

    Formula: what the working bound is likely to be after SLOW times as many (`harmed.foreseen`), and twice the
    standard deviation of what new has beside old, √(n·p(1-p)/(1-q)); the bound on those in flight on new thrice,
    because the ramp lets them have half of the room. The bound's stakes are right for the budget that is found.
    Units: customers.

    >>> [round(smallest_budget(n, anything=0.01, q=0.5, level=0.01), 1) for n in (400, 4000)]
    [13.5, 54.9]
    """
    n, budget = SLOW * new, float(new + in_flight)
    luck = 2 * float(np.sqrt(n * anything * (1 - anything) / (1 - q)))
    for _again in range(3):
        bound = float(foreseen(np.array([n]), anything, q, Stakes.of(budget), level=level)[0])
        budget = min(bound + luck + 3 * in_flight * bound / n, new + in_flight)
    return budget
