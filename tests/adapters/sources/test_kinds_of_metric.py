"""Metrics that ask how long, how often and how bad, beside those that ask whether."""

from collections import Counter

import histories
import numpy as np
import pytest
from test_live_source import Bench, line

from unfelt.adapters.sources import Epoch, RetryableSourceError
from unfelt.adapters.sources.replay import Replay
from unfelt.kernel.exceedance import QUANTILES

METRICS = [
    {"id": "wait", "slow": "duration_ms", "margin": "1.5x"},
    {"id": "retried", "count": "status = 429", "margin": "1%"},
    {"id": "missing", "score": "bytes / 100", "margin": "2%"},
    {"id": "failed", "bad": "status >= 500", "margin": "1%"},
]
OBSERVE = 10.0


def requests(seed, customers=300):
    """Rows of one visit each: customer, second, arm, milliseconds, status, bytes."""
    random = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        arm, began = random.choice(["old", "new"]), random.uniform(0, 3000)
        for _request in range(random.integers(1, 9)):
            second = began + random.uniform(0, 1.5 * OBSERVE) if rows and rows[-1][0] == customer else began
            status = int(random.choice([200, 429, 500], p=[0.7, 0.25, 0.05]))
            rows.append((customer, second, arm, random.lognormal(4, 1), status, int(random.integers(-20, 120))))
    return rows


def asked(rows):
    """The answers of every customer, by loops: the tallies of all questions by (metric, arm)."""
    longest = {}
    for customer, second, _arm, wait, _status, _bytes in rows:
        window = (customer, int(second // OBSERVE))
        longest[window] = max(wait, longest.get(window, 0.0))
    thresholds = np.quantile(list(longest.values()), QUANTILES, method="inverted_cdf")
    counts = Counter()
    for customer in {row[0] for row in rows}:
        mine = sorted((row for row in rows if row[0] == customer), key=lambda row: row[1])
        seen = [row for row in mine if row[1] < mine[0][1] + OBSERVE]
        arm, events = mine[0][2], sum(row[4] == 429 for row in seen)
        answers = {f"wait:p{100 * q:.4g}": max(row[3] for row in seen) > threshold
                   for q, threshold in zip(QUANTILES, thresholds, strict=True)}  # fmt: skip
        answers |= {"retried": events >= 1, "retried:2+": events >= 2, "retried:5+": events >= 5}
        answers["failed"] = any(row[4] >= 500 for row in seen)
        answers["anything"] = answers["failed"] or answers["retried"] or answers["wait:p99"]
        met = [name for name in ("wait:p99", "retried", "failed") if answers[name]]
        if met:
            counts[f"anything={'&'.join(met)}", arm, "n"] += 1
            counts[f"anything={'&'.join(met)}", arm, "bad"] += 1
        worst = min(1.0, max(0.0, max(row[5] for row in seen) / 100))
        counts[f"missing#{round(20 * worst)}", arm, "n"] += 1
        for name, bad in answers.items():
            counts[name, arm, "n"] += 1
            counts[name, arm, "bad"] += bad
    return +counts


def test_a_recording_is_counted_as_by_hand(tmp_path):
    """Thresholds, exceedances, repeated events, bins and what counts as affected, against loops over the rows."""
    rows = requests(3)
    path = tmp_path / "data.csv"
    text = [
        f"{second:.6f},c{customer},{arm},{wait!r},{status},{size}"
        for customer, second, arm, wait, status, size in rows
    ]
    last = f"{max(row[1] for row in rows) + 100:.6f},z,old,1,200,0"
    path.write_text("\n".join(["time,customer,arm,duration_ms,status,bytes", *text, last]))
    change = histories.plan(customer="column:customer", observe="10s", later=[], segments=[], metrics=METRICS)
    with Replay(change, [path], share=0.5, secret=b"s" * 32) as replay:
        tallies = [tally for batch in replay.batches() for tally in batch.tallies if not tally.stratum]
    found = Counter()
    for tally in tallies:
        found[tally.metric, tally.arm, "n"] += tally.n
        found[tally.metric, tally.arm, "bad"] += tally.bad
    rounded = [(c, float(f"{s:.6f}"), *rest) for c, s, *rest in rows]
    expected = asked([*rounded, ("z", float(last.split(",", maxsplit=1)[0]), "old", 1.0, 200, 0)])
    for key, n in asked([("z", 0.0, "old", 1.0, 200, 0)]).items():
        expected[key] -= n  # The last row's own window has not closed.
    assert +found == +expected


BASELINE = Epoch(1, "baseline", 0.5, "a", histories.BEGAN)
ENDED = Epoch(1, "baseline", 0.5, "a", histories.BEGAN, histories.BEGAN + histories.seconds(100))
WATCH = Epoch(2, "watch", 0.5, "b", histories.BEGAN + histories.seconds(100))


@pytest.mark.slow
def test_what_counts_as_slow_is_learned_from_the_baseline_and_kept(tmp_path):
    """100 waits of 1 to 100 ms on old; then 95 ms is beyond the p90 and within the p95, after a restart too."""
    bench = Bench(tmp_path, metrics=METRICS[:1])
    facts = {"phase": "baseline", "served": "old"}
    for second in range(100):
        bench.collect(line(second, f"b{second}", duration_ms=second + 1, **facts), epochs=[BASELINE])
    bench.restart()
    watched = {"epoch": 2, "epochs": [ENDED, WATCH]}
    first = bench.collect(line(101, "c1", duration_ms=95, epoch=2), epochs=watched["epochs"])
    bench.restart()
    closed = bench.collect(line(120, "c9", "old", epoch=2), epochs=watched["epochs"])
    bench.source.close()
    failed = {tally.metric for tally in first.failures if tally.segment is None}
    bad = {tally.metric: tally.bad for tally in closed.tallies if tally.segment is None}
    assert failed == {"wait:p50", "wait:p75", "wait:p90"}
    assert bad == {f"wait:p{100 * q:.4g}": int(q < 0.95) for q in QUANTILES} | {"anything": 0}


def test_without_a_wait_in_the_baseline_nothing_is_measured(tmp_path):
    """Where nobody has waited there is nothing to compare with, and it says so."""
    bench = Bench(tmp_path, metrics=METRICS[:1])
    with pytest.raises(RetryableSourceError, match="nobody has waited"):
        bench.collect(line(101, "c1", epoch=2), epochs=[ENDED, WATCH])
    bench.source.close()


def test_events_add_up_over_increments(tmp_path):
    """The fifth refusal is told when it happens, though each came in a batch of its own."""
    bench = Bench(tmp_path, metrics=METRICS[1:2], observe="60s")
    told = []
    for second in range(6):
        bench.restart()
        batch = bench.collect(line(second, status=429, id=f"r{second}"))
        told.append([tally.metric for tally in batch.failures if tally.segment is None])
    bench.source.close()
    assert told == [["anything", "retried"], ["retried:2+"], [], [], ["retried:5+"], []]


def test_the_worst_score_of_a_window_counts_over_increments(tmp_path):
    """0.1, then 0.62, then 0.3 is 0.6 in bins of a twentieth; a request that never ends is a 1."""
    bench = Bench(tmp_path, metrics=[METRICS[2], METRICS[3]])
    for second, size in ((0, 10), (1, 62), (2, 30)):
        bench.collect(line(second, bytes=size, id=f"r{second}"))
    bench.collect(line(2.5, "c3", "old", kind="start", status=None, bytes=None))
    batch = bench.collect(line(9, "c4", "old", bytes=0))
    bench.source.close()
    scores = {(t.metric, t.arm): (t.n, t.bad) for t in batch.tallies if t.segment is None and "#" in t.metric}
    assert scores == {("missing#12", "new"): (1, 0), ("missing#20", "old"): (1, 0)}
