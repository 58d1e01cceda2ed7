"""The list of cells that are hurt."""

import numpy as np

from unfelt.kernel.ebh import hurt


def test_nobody_is_named_without_evidence():
    """All e-values at 1: an empty list."""
    assert hurt(np.zeros(20), level=0.01).tolist() == [False] * 20


def test_wrong_names_are_at_most_the_level_of_all():
    """10 hurt of 40, dependent e-values: the mean share of wrong names over 2,000 runs is at most 10 %."""
    rng = np.random.default_rng(7)
    shares = []
    for _ in range(2000):
        z = rng.normal(0, 1, 40) * 0.7 + rng.normal() * 0.7
        z[:10] += 4
        named = hurt(3 * z - 4.5, level=0.1)
        shares.append(named[10:].sum() / max(1, named.sum()))
    assert float(np.mean(shares)) <= 0.1
