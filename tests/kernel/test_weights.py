"""How the false-alarm promise is divided."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.weights import allot, share_between, thresholds, weigh


@settings(derandomize=True)
@given(st.lists(st.tuples(st.floats(0.1, 10), st.booleans()), min_size=1, max_size=30))
def test_weights_sum_to_one_and_are_never_lost(cells):
    """Whatever the severities and whichever cells have one process or two."""
    severity, overall = np.array([c[0] for c in cells]), np.array([c[1] for c in cells])
    weights = weigh(severity, overall)
    first, second = share_between(weights, overall)
    assert abs(weights.sum() - 1) < 1e-12
    assert np.allclose(first + second, weights)


@settings(derandomize=True)
@given(st.floats(0.0001, 0.5))
def test_the_parts_are_the_whole(false_alarm):
    """Before, after and split sum to false_alarm."""
    parts = allot(false_alarm)
    assert abs(parts.back + parts.after + parts.split - false_alarm) < 1e-15


def test_no_weight_is_never_crossed():
    """A process without weight has an infinite threshold."""
    assert thresholds(np.array([0.5, 0.0]), 0.01).tolist() == [np.log(200.0), np.inf]
