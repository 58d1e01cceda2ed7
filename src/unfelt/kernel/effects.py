"""By how much a rate fell or rose between two groups, at least."""

from math import exp, log, sqrt
from statistics import NormalDist


def least_effect(old: tuple[int, int], new: tuple[int, int], *, rises: bool = False, level: float = 0.05) -> float:
    """The part of old's rate by which new's is lower (`rises`: higher), at least, with confidence 1 - level.

    old, new: (n, bad) customers each. One-sided bound of the risk ratio by its logarithm (Katz, Baptista, Azen and
    Pike 1978), half a customer added to every count (Haldane 1956, Anscombe 1956). Negative where chance explains
    it; ValueError for a group without customers.

    >>> round(least_effect((1000, 100), (1000, 50)), 3), round(least_effect((1000, 100), (1000, 99)), 3)
    (0.339, -0.235)
    """
    (n0, bad0), (n1, bad1) = old, new
    if n0 <= 0 or n1 <= 0:
        raise ValueError(f"customers == {n0}, {n1}, must be > 0.")
    p0, p1 = ((bad + 0.5) / (n + 1) for n, bad in (old, new))
    wide = NormalDist().inv_cdf(1 - level) * sqrt(
        1 / (bad0 + 0.5) - 1 / (n0 + 1) + 1 / (bad1 + 0.5) - 1 / (n1 + 1)
    )
    ratio = log(p1 / p0)
    return exp(ratio - wide) - 1 if rises else 1 - exp(ratio + wide)
