"""Whether two arms differ in what customers meet, in either direction: bets on the label (STATISTICS §1a, §9)."""

import numpy as np

from unfelt.kernel.labelgrid import Ints
from unfelt.kernel.margins import Floats, Numbers

RATIOS: Floats = np.exp(np.array([-7.0, -3.0, -1.6, -0.9, -0.45, -0.2, 0.2, 0.45, 0.9, 1.6, 3.0, 7.0]))
"""How many times as many customers on new meet it as on old: the alternatives, each as likely."""


def label_factors(q: Numbers, new: Numbers, old: Numbers) -> Floats:
    """Log factors of so many customers on new and on old, drawn into new with q: shape (..., 12), for RATIOS.

    Formula: new·ln r - (new+old)·ln(q·r + 1-q). They add up over propensities and over customers.
    Units: customers, natural logarithms. Shapes: q, new, old broadcast.

    One customer on new at half share, bet on e^7 times as many there: nearly a factor of two.

    >>> round(float(np.exp(label_factors(0.5, 1, 0)[-1])), 2)
    2.0
    """
    q, new, old = (np.asarray(one, dtype=float)[..., None] for one in (q, new, old))
    found: Floats = new * np.log(RATIOS) - (new + old) * np.log1p(q * (RATIOS - 1))
    return found


def log_difference(met: Floats, everybody: Floats) -> Floats:
    """Log e-value against "what they meet has nothing to do with the arm", in both directions: shape (...).

    met: the label factors of the customers who met it; everybody: of all customers; both summed, shape (..., 12).
    A third is bet on those who met it, a third on those who did not, and a third on both at once in opposite
    directions: what hardly anybody meets, what nearly everybody meets, and what turns around are found alike.
    Holds: for customers whose meeting it is the same on either arm, whatever it depends on, its mean over the
    draws is at most 1 at every look, so that it ever reaches 1/α with probability at most α (Ville).
    Units: natural logarithms.

    Twenty of twenty on new at half share, and none of twenty on old; then half of both:

    >>> turned = log_difference(label_factors(0.5, 20, 0), label_factors(0.5, 20, 20))
    >>> same = log_difference(label_factors(0.5, 10, 10), label_factors(0.5, 20, 20))
    >>> bool(turned > 24), bool(same < 0)
    (True, True)
    """
    missed = everybody - met
    factors = np.concatenate([met, missed, met + missed[..., ::-1]], axis=-1)
    found: Floats = np.logaddexp.reduce(factors, axis=-1) - np.log(factors.shape[-1])
    return found


def rank_weight(rank: Ints) -> Floats:
    """The part of the error that the thing of that rank may spend, 0 being the first: all together at most 1.

    Formula: 1 / (C·(k+2)·ln²(k+2)), C above Σ over k of 1 / ((k+2)·ln²(k+2)) = 2.1097…. It is fixed by the order
    in which things appear, however many come later.

    >>> bool(rank_weight(np.arange(1_000_000)).sum() < 1)
    True
    """
    place = np.asarray(rank, dtype=float) + 2
    found: Floats = 1 / (2.11 * place * np.log(place) ** 2)
    return found


FINE = 16
"""Steps of a factor of two in which sizes and times are told apart."""


def step_weight(step: Ints, *, steps: int) -> Floats:
    """The prior weight of all thresholds up to and including that step, of so many; 1 at the last.

    Half lies on whole factors of two, which large differences cross, half on every step.

    >>> float(step_weight(np.array([383]), steps=384)[0])
    1.0
    """
    place = np.asarray(step, dtype=float)
    found: Floats = 0.5 * (place + 1) / steps + 0.5 * (np.floor(place / FINE) + 1) / np.ceil(steps / FINE)
    return np.minimum(found, 1.0)
