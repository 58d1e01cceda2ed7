"""How often chance alone does as much: exact tails, for naming and for hints, never for a promise."""

import numpy as np
from scipy.special import betainc, gammaln


def binomial_tail(least: float, n: float, p: float) -> float:
    """P(Binomial(n, p) >= least), by the incomplete beta function: I_p(least, n - least + 1).

    Assumes n independent draws. Units: counts and a probability. Source: Abramowitz & Stegun 26.5.24.

    >>> round(binomial_tail(4, 4, 0.5), 4), binomial_tail(0, 7, 0.3), binomial_tail(8, 7, 0.3)
    (0.0625, 1.0, 0.0)
    """
    if least <= 0:
        return 1.0
    return float(betainc(least, n - least + 1, p)) if least <= n else 0.0


def no_difference_tail(bad: int, n: int, other_bad: int, other_n: int) -> float:
    """P(at least `bad` of the first n), if all bad ones fell among both groups by chance: hypergeometric.

    Assumes both groups are alike. Units: counts. Source: Fisher 1935.

    >>> round(no_difference_tail(5, 10, 0, 10), 4)  # (10·9·8·7·6) / (20·19·18·17·16)
    0.0163
    """
    all_bad, all_n = bad + other_bad, n + other_n
    at_least = np.arange(max(bad, all_bad - other_n), min(n, all_bad) + 1)
    logs = _log_choose(n, at_least) + _log_choose(other_n, all_bad - at_least) - _log_choose(all_n, all_bad)
    return float(min(1.0, np.exp(logs).sum()))


def _log_choose(
    n: int, k: np.ndarray[tuple[int, ...], np.dtype[np.intp]] | int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1))
