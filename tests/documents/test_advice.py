"""What a plan that holds should still think of."""

import pytest

from unfelt.documents.advice import outlook, warnings_of
from unfelt.documents.load import CATALOG, CHANGE, load_text

CATALOGUE = """\
unfelt: 1
touchpoints:
  - {name: cart, title: {en: Cart, zh: 购物车}, kind: page, owner: lin, traffic: 120 customers/min}
  - {name: checkout, title: {en: Checkout, zh: 结账}, kind: page, owner: lin, traffic: 60 customers/min}
"""


@pytest.fixture
def catalog():
    return load_text(CATALOGUE, CATALOG, file="catalog.yaml").document


def advice(text: str, catalog=None) -> list[str]:
    change = load_text(text, CHANGE, file="change.yaml").document
    return [".".join(map(str, one.path)) for one in warnings_of(change, catalog)]


def test_a_bare_plan_is_asked_for_the_rest(least):
    """A plan that names no need, no touchpoint and no way back for data is told so."""
    assert advice(least) == ["touches", "needs", "rollout.writes"]


def test_touchpoints_are_looked_up(least, catalog):
    """A touchpoint that the catalog does not know is named."""
    full = least + "touches: [cart, chekout]\nneeds: [{id: a, because: b}]\n"
    assert advice(full.replace("{old:", "{writes: kept, old:"), catalog) == ["touches.1"]


def test_without_a_catalog_nobody_looked(least):
    """Touchpoints that could not be looked up are not taken for good."""
    assert advice(least + "touches: [cart]\n")[0] == "touches"


def test_the_busiest_touchpoint_gives_the_forecast(least, catalog):
    """The time of the forecast is its customers at the rate of the busiest touchpoint."""
    change = load_text(least + "touches: [cart, checkout]\n", CHANGE, file="change.yaml").document
    found = outlook(change, catalog)
    assert found
    assert (found.metric, found.customers / found.seconds) == ("failed", pytest.approx(2.0))


def test_a_budget_that_cannot_prove_is_warned_of(least, catalog):
    """Where the margins cannot be proved within the budget, the plan is told before it starts."""
    small = least.replace("150 customers", "3 customers") + "touches: [cart]\n"
    assert "guard.impact_budget" in advice(small, catalog)


def test_without_traffic_nothing_is_forecast(change):
    """No catalog, no forecast: nothing is made up."""
    assert outlook(change, None) is None
