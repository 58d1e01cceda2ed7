"""Orders that new writes twice: nothing in the log tells, the stores do."""

from statistics import median

import pytest
from doubling import Orders


def affected(home, **given):
    """How many customers were affected before everybody was put back."""
    home.mkdir()
    orders = Orders(home, **given)
    assert orders.run() == "back"
    return len(orders.cheated)


def test_orders_that_are_doubled_send_the_change_back(tmp_path):
    """One order in twenty on new is in the store twice; fewer than fifteen customers meet it."""
    assert affected(tmp_path / "one", seed=1) < 15


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_few_customers_meet_a_doubled_order(tmp_path):
    """The median over twelve rollouts is under fifteen customers."""
    found = [affected(tmp_path / str(seed), seed=seed) for seed in range(12)]
    print(sorted(found))
    assert median(found) < 15
