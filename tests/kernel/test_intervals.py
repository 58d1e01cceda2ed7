"""Intervals for the eye."""

import numpy as np

from unfelt.kernel.intervals import Score
from unfelt.kernel.labelgrid import Counts


def test_it_holds_the_truth_while_base_rate_and_share_move():
    """Share 5 % to 50 % while the base rate falls by half: 400 runs, 99 %, at all 60 looks."""
    rng, runs = np.random.default_rng(6), 400
    score, missed = Score.begin(runs), np.zeros(runs, dtype=bool)
    for look in range(60):
        q, p0 = 0.05 + 0.0075 * look, 0.2 - 0.001 * look
        n1 = rng.binomial(200, q, runs)
        columns = (n1, rng.binomial(n1, p0 + 0.05), 200 - n1, rng.binomial(200 - n1, p0))
        counts = Counts(np.arange(runs), np.full(runs, q), *(c.astype(float) for c in columns))
        score = score.advance(counts, np.full(runs, 0.2))
        _estimate, low, high = score.display_interval(confidence=0.99)
        missed |= (low > 0.05) | (high < 0.05)
    assert int(missed.sum()) <= 4


def test_nothing_seen_is_not_a_number():
    """An empty cell has no estimate, rather than 0."""
    assert [bool(np.isnan(x[0])) for x in Score.begin(1).display_interval(confidence=0.99)] == [True] * 3
