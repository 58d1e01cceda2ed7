"""Which cells are hurt: a list for the report whose share of wrong names is bounded (STATISTICS §2)."""

import numpy as np
from numpy.typing import NDArray

from unfelt.kernel.margins import Floats


def hurt(log_evalues: Floats, *, level: float) -> NDArray[np.bool_]:
    """e-BH: the k cells with the largest e-values, k the largest with E_(k) >= m/(k·level); FDR <= level.

    Assumes: e-values at one stopping time (not running maxima); any dependence. Source: Wang & Ramdas 2022.
    Units: natural logarithms. Shapes: (m,) in and out.

    >>> hurt(np.log(np.array([1000.0, 250.0, 1.0, 0.1])), level=0.01).tolist()
    [True, True, False, False]
    """
    m = len(log_evalues)
    order = np.argsort(-log_evalues, kind="stable")
    ranks = np.arange(1, m + 1)
    passed = log_evalues[order] >= np.log(m) - np.log(ranks * level)
    chosen = np.zeros(m, dtype=bool)
    if passed.any():
        chosen[order[: ranks[passed].max()]] = True
    return chosen
