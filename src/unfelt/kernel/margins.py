"""Nulls that are half-spaces, and the point of their boundary nearest to an alternative (STATISTICS §1c)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = float | Floats

TOP = 0.999
"""No alternative claims that a customer surely fails: one good customer would then rule it out for ever."""

_STEPS = 100


def project(t1: Numbers, t0: Numbers, q: Numbers, *, rho: Numbers, d: Numbers) -> tuple[Floats, Floats]:
    """The rates (m1, m0) on the line m1 = rho·m0 + d that are nearest in KL to (t1, t0) at propensity q.

    Formula: m0 minimises q·KL(t1, rho·m + d) + (1-q)·KL(t0, m); closed form for d = 0, else safeguarded Newton
    on the cleared derivative h(m) = q·rho·m(1-m)(t1-m1)/m1 + (1-q)(t0-m)(1-m1), which has one root.
    Assumes: 0 < t1, t0 < 1, 0 < q < 1, rho > 0, d >= 0, and (t1, t0) not on the line's far side in both terms.
    Source: Turner & Grünwald 2022 (arXiv 2106.02693); the half-space for single randomised customers is ours.
    Units: rates and probabilities. Shapes: all broadcast together.

    With no margin the nearest point is the pooled rate; one tenth on new pulls it a tenth of the way:

    >>> m1, m0 = project(0.3, 0.1, 0.1, rho=1.0, d=0.0)
    >>> round(float(m1), 12), round(float(m0), 12)
    (0.12, 0.12)
    >>> m1, m0 = project(0.01, 0.01, 0.5, rho=1.0, d=0.02)
    >>> round(float(m1 - m0), 12)
    0.02
    """
    t1, t0, q, rho, d = _alike(t1, t0, q, rho, d)
    sloped = d > 0
    m0 = np.empty(t1.shape) if sloped.all() else _on_ratio(t1, t0, q, rho)
    if sloped.any():
        m0 = np.asarray(m0)
        m0[sloped] = _on_line(t1[sloped], t0[sloped], q[sloped], rho[sloped], d[sloped])
    return rho * m0 + d, m0


def _alike(*numbers: Numbers) -> list[Floats]:
    """As arrays of one shape."""
    arrays = [np.asarray(one, dtype=float) for one in numbers]
    if all(one.shape == arrays[0].shape for one in arrays):
        return arrays
    blank = np.zeros(np.broadcast(*arrays).shape)
    return [one + blank for one in arrays]


def _on_ratio(t1: Floats, t0: Floats, q: Floats, rho: Floats) -> Floats:
    a = q * t1 + (1 - q) * t0
    b = q * rho * (1 - t1)
    c = (1 - q) * (1 - t0)
    total = a * (1 + rho) + b + c
    root = np.sqrt(np.maximum(total * total - 4 * a * (a * rho + b + rho * c), 0.0))
    result: Floats = 2 * a / (total + root)  # the smaller root, written so that nothing cancels
    return result


def _on_line(t1: Floats, t0: Floats, q: Floats, rho: Floats, d: Floats) -> Floats:
    end = np.clip((t1 - d) / rho, 0.0, None)
    low, high = np.minimum(t0, end), np.maximum(t0, end)
    m = 0.5 * (low + high)
    done = np.zeros(m.shape, dtype=bool)
    for _step in range(_STEPS):
        h, slope = _derivative(m, t1, t0, q=q, rho=rho, d=d)
        low, high = np.where(h > 0, m, low), np.where(h > 0, high, m)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = m - h / slope
        inside = (newton >= low) & (newton <= high)
        after = np.where(inside, newton, 0.5 * (low + high))
        # What has arrived stays: a point must not depend on which others are looked for with it.
        m, before = np.where(done, m, after), m
        done |= np.abs(m - before) <= 4e-16 + 1e-13 * m
        if done.all():
            break
    tiny = np.finfo(float).tiny
    result: Floats = np.clip(m, tiny, np.minimum(1 - 1e-15, (1 - 1e-15 - d) / rho))
    return result


def _derivative(m: Floats, t1: Floats, t0: Floats, *, q: Floats, rho: Floats, d: Floats) -> tuple[Floats, Floats]:
    m1 = rho * m + d
    new, old, tilt = t1 - m1, t0 - m, q * rho
    h = tilt * m * (1 - m) * new / m1 + (1 - q) * old * (1 - m1)
    slope = tilt * ((1 - 2 * m) * new - m * (1 - m) * rho * t1 / m1) / m1 - (1 - q) * ((1 - m1) + rho * old)
    return h, slope
