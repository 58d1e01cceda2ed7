"""Sets of metrics that a customer may meet, choices among them, and their up-sets (STATISTICS §9)."""

from dataclasses import dataclass

import numpy as np

from unfelt.kernel.margins import Floats

MOST_AT_ONCE = 4
"""So many metrics can be looked at together, in every combination."""
_ALL_UP_SETS = 3


def _up_sets(metrics: int, shared: Floats) -> Floats:
    """Unions of "all of these": the minimal sets that a union is made of say which it is."""
    sizes = shared.max(axis=0)
    found = [*np.minimum(shared, 1.0).T, *(shared >= sizes).astype(float).T]
    if metrics <= _ALL_UP_SETS:
        each = (shared >= sizes).T
        unions = (
            each[[j for j in range(len(each)) if mask >> j & 1]].any(axis=0) for mask in range(1, 2 ** len(each))
        )
        found = [union.astype(float) for union in unions]
    return np.unique(np.array(found), axis=0).T


@dataclass(frozen=True, slots=True)
class Patterns:
    """Every choice of some of M metrics, and how many of it each set of failures holds.

    Choices and sets are bit patterns, the choice j at place j - 1. shared: failures of set Y within choice j, of
    shape (2^M, 2^M - 1). worse: 1 where a set belongs to an up-set, one that with each set of failures holds all
    larger ones, (2^M, U): every one of up to three metrics; of four "any of these" and "all of these".
    """

    metrics: int
    shared: Floats
    worse: Floats

    @classmethod
    def of(cls, metrics: int) -> "Patterns":
        """All choices of so many metrics, up to four.

        >>> Patterns.of(2).shared[3].tolist()  # who met both counts once for each alone, twice for both
        [1.0, 1.0, 2.0]
        """
        sets, choices = np.arange(2**metrics)[:, None], np.arange(1, 2**metrics)[None, :]
        shared = np.zeros((2**metrics, 2**metrics - 1))
        for bit in range(metrics):
            shared += (sets >> bit & 1) * (choices >> bit & 1)
        return cls(metrics, shared, _up_sets(metrics, shared))
