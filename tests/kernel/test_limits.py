"""What physics allows."""

import numpy as np

from unfelt.kernel.limits import forecast, needed_to_prove, needed_to_see, smallest_budget


def test_the_limits_are_those_of_the_specification():
    """STATISTICS §4: p0 = 1 %, level 1 %, shares 1, 10 and 50 %."""
    table = {0.02: (1192, 1345, 2671), 0.015: (4256, 4746, 9035), 0.05: (114, 135, 308)}
    for p1, expected in table.items():
        found = tuple(round(float(needed_to_see(0.01, p1, q, level=0.01))) for q in (0.01, 0.1, 0.5))
        assert expected == found


def test_with_a_known_old_rate_it_is_the_sequential_test_of_wald():
    """As the share goes to 0 the limit is ln(1/a)/KL(p1, p0): 1177 at 1 % against 2 %."""
    assert round(float(needed_to_see(0.01, 0.02, 1e-7, level=0.01))) == 1177


def test_beyond_the_margin_nothing_proves():
    """A rate on the margin or past it needs infinitely many."""
    needed = needed_to_prove(0.01, np.array([0.02, 0.03, 0.04]), 0.5, level=0.01, d=0.02)
    assert np.isfinite(needed).tolist() == [True, False, False]


def test_a_base_rate_of_zero_can_be_proved():
    """No failure at all: ln(100)/-ln(1-0.02) customers at the bound, near enough."""
    needed = float(needed_to_prove(0.0, 0.0, 0.5, level=0.01, d=0.02))
    assert abs(needed - np.log(100) / -np.log(0.98)) < 1


def test_a_forecast_goes_by_the_slowest_cell():
    """A tenth of the customers with the same margin takes ten times as many."""
    one = {"anything": 0.01, "q": 0.5, "rate": 100.0, "level": 0.01}
    all_of_them = forecast(np.array([0.01]), np.array([1.0]), rho=1.0, d=0.02, **one)
    group = forecast(np.array([0.01, 0.01]), np.array([1.0, 0.1]), rho=1.0, d=0.02, **one)
    assert abs(group.new / all_of_them.new - 10) < 1e-9
    assert group.budget > all_of_them.budget


def test_customers_in_flight_cost_budget():
    """What cannot yet be judged counts."""
    without = smallest_budget(1000, anything=0.01, q=0.5, level=0.01)
    assert smallest_budget(1000, anything=0.01, q=0.5, level=0.01, in_flight=100) > without
