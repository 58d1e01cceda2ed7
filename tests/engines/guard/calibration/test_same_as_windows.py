"""The played customers against the windows of the live source, over the same moves of the share."""

from collections import Counter
from datetime import timedelta

import duckdb
import histories
import numpy as np
import pyarrow as pa
import pytest

from unfelt.adapters.sources import Epoch
from unfelt.adapters.sources.windows import closed_bets
from unfelt.engines.guard.calibration.customers import Customers
from unfelt.engines.guard.calibration.visits import Asked, Experience, Visits

ASKED = (
    Asked("failed", 3.0),
    Asked("often", 7.0),
    Asked("often:2+", 7.0, times=2, affects=False),
    Asked("often:5+", 7.0, times=5, affects=False),
)
METRICS = [
    {"id": "failed", "bad": "status >= 500", "margin": "1%"},
    {"id": "often", "count": "status = 429", "margin": "1%", "observe": "7s"},
]
MOVES = ((0.0, 0.2), (40.0, 0.5), (80.0, 0.1), (120.0, 0.8))
"""When the share changes, in seconds, and to what."""
DEVICES = ("phone", "desktop", "other")
END = 200.0


def drawn(seed):
    """Visits of sixty customers in whole ticks' middles, the answers of old and of new, and everybody's seat."""
    random = np.random.default_rng(seed)
    time = np.sort(np.floor(random.uniform(0, END - 10, 700)) + 0.5 + random.uniform(0, 0.001, 700))
    who = random.integers(0, 60, 700)
    who = np.unique(who, return_inverse=True)[1]
    status = random.choice([200, 429, 500], size=(2, 700), p=[0.6, 0.3, 0.1])
    device = random.integers(0, 3, who.max() + 1)[who]
    return Visits(time, who, {"device": DEVICES}, {"device": device}), status, random.random(who.max() + 1)


def played(visits, status, seats):
    """What the played customers tell, summed up."""
    worlds = tuple(
        Experience.of(visits, ASKED, [one >= 500, one == 429, one == 429, one == 429]) for one in status
    )
    customers = Customers(
        visits, ASKED, worlds, seats=seats, harmful=np.zeros(len(visits.time), dtype=bool), tick=1.0
    )
    shares, counts = dict(MOVES), Counter()
    for second in range(round(END)):
        if second in shares:
            customers.move(shares[second], now=float(second))
        told = customers.step(float(second), second + 1.0)
        for tally in told["tallies"]:
            key = (tally.metric, tally.arm, round(tally.propensity, 12), tally.segment)
            counts["n", *key] += tally.n
            counts["bad", *key] += tally.bad
        for tally in told["failures"]:
            counts["failed", tally.metric, tally.arm, round(tally.propensity, 12), tally.segment] += tally.bad
    return +counts


def by_sql(visits, status, seats):
    """What the windows of the live source tell of the same requests."""
    starts = [start for start, _share in MOVES]
    shares = np.array([share for _start, share in MOVES])
    epoch = np.searchsorted(starts, visits.time, side="right") - 1
    new = seats[visits.who] < shares[epoch]
    base = np.datetime64(histories.BEGAN, "us")
    rows = pa.table(
        {
            "time": base + (visits.time * 1e6).astype("timedelta64[us]"),
            "customer": [f"c{customer}" for customer in visits.who],
            "arm": np.where(new, "new", "old"),
            "status": np.where(new, status[1], status[0]),
            "device": np.array(DEVICES)[visits.groups["device"]],
        }
    )
    ends = [*starts[1:], None]
    moment = [
        None if second is None else histories.BEGAN + timedelta(seconds=second) for second in (*starts, *ends)
    ]
    epochs = [
        Epoch(number + 1, "watch", share, "a", moment[number], moment[number + len(MOVES)])
        for number, (_start, share) in enumerate(MOVES)
    ]
    plan = histories.plan(later=[], metrics=METRICS, segments=[{"by": "device"}], customer="column:customer")
    counts = Counter()
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute("CREATE TABLE requests AS FROM rows")
        bets = closed_bets(
            connection, "requests", epochs, [], plan, until=histories.BEGAN + timedelta(seconds=END)
        )
        sets = connection.query("""
            SELECT arm, propensity, device, string_agg(metric, '&' ORDER BY metric) FILTER (WHERE bad)
            FROM bets WHERE metric IN ('failed', 'often')
            GROUP BY customer, epoch, opened, arm, propensity, device HAVING bool_or(bad) AND NOT bool_or(excluded)
        """).fetchall()
        for arm, propensity, device, names in sets:
            for segment in (None, f"device={device}"):
                key = (f"anything={names}", arm, round(propensity, 12), segment)
                counts["n", *key] += 1
                counts["bad", *key] += 1
        columns = ("metric", "arm", "propensity", "device", "bad", "failed_at", "excluded")
        for metric, arm, propensity, device, bad, failed_at, excluded in bets.select(*columns).fetchall():
            for segment in (None, f"device={device}"):
                key = (metric, arm, round(propensity, 12), segment)
                if not excluded:
                    counts["n", *key] += 1
                    counts["bad", *key] += bad
                if failed_at is not None:
                    counts["failed", *key] += 1
    return +counts


@pytest.mark.parametrize("seed", range(5))
def test_played_customers_are_counted_as_live_ones(seed):
    """Every closed window and failure, by metric, arm, propensity and group; shares rise and fall."""
    visits, status, seats = drawn(seed)
    found = played(visits, status, seats)
    assert len(found) > 100
    assert found == by_sql(visits, status, seats)


def test_scores_are_the_worst_of_each_window():
    """The largest score within the window, in twentieths; later ones and those of others are none of it."""
    visits = Visits(np.array([0.0, 1.0, 2.0, 2.5, 9.0]), np.array([0, 0, 1, 0, 0]))
    asked = (Asked("missing", 2.0, is_score=True),)
    found = Experience.of(visits, asked, [np.array([0.1, 0.62, 1.0, 0.3, 0.0])])
    assert found.bins[0].tolist() == [12, 12, 20, 6, 0]
