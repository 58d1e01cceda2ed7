"""The windows against a slow second implementation, on random small histories."""

import random
from collections import Counter
from datetime import UTC

import histories
import pytest
from windows_oracle import Oracle

from unfelt.adapters.sources.forms import log_form
from unfelt.adapters.sources.live import LiveSource

READ = histories.BEGAN.replace(tzinfo=UTC) + histories.seconds(3600)
"""When the log is read: after everything was written."""


def collected(directory, made, gone, lines, sizes):
    """Everything that the batches of a live source say, summed, when the log grows by pieces of those sizes."""
    log = directory / "access.jsonl"
    log.write_bytes(b"")
    source = LiveSource(histories.plan(), directory / "state", log=log, form=log_form("envoy"))
    data = b"".join(map(histories.written, lines))
    tallies, failures, splits = Counter(), Counter(), Counter()
    number, batch = 0, None
    while data or batch is None:
        size = next(sizes)
        with log.open("ab") as file:
            file.write(data[:size])
        data = data[size:]
        batch = source.collect(number, epochs=made, lapses=gone, now=READ)
        number = batch.number
        for tally in batch.tallies:
            key = (tally.arm, tally.propensity, tally.stratum, tally.segment)
            tallies[(tally.metric, "n"), *key] += tally.n
            tallies[(tally.metric, "bad"), *key] += tally.bad
        for tally in batch.failures:
            failures[tally.metric, tally.arm, tally.propensity, tally.stratum, tally.segment] += tally.bad
        for split in batch.splits:
            splits[split.propensity, "old"] += split.old
            splits[split.propensity, "new"] += split.new
    source.close()
    return {
        "tallies": +tallies,
        "failures": +failures,
        "splits": +splits,
        "exposed": batch.exposed,
        "customers": batch.customers,
        "fallen": batch.fallen_back,
        "crossed": batch.crossed,
        "pinned": batch.excluded["pinned"],
        "excluded": batch.excluded["share_change"] + batch.excluded["lapse"],
    }


def expected(made, gone, lines):
    """What the oracle says."""
    oracle = Oracle(
        epochs=made,
        lapses=[(lapse.began, lapse.ended) for lapse in gone],
        metrics=histories.METRICS,
        observes=histories.OBSERVES,
        grace=histories.seconds(1),
        later=(histories.seconds(9),),
        values=("phone", "desktop"),
        peak=("18:00:00", "18:01:00"),
    )
    for line in lines:
        oracle.take(line)
    return {
        "tallies": +oracle.tallies,
        "failures": +oracle.failures,
        "splits": +oracle.splits,
        "exposed": len(oracle.exposed),
        "customers": len(oracle.customers),
        "fallen": len(oracle.fallen),
        "crossed": len(oracle.crossed),
        "pinned": len(oracle.pinned),
        "excluded": oracle.excluded["any"],
    }


def pieces(draw, largest):
    while True:
        yield largest if largest > 10**6 else draw.randint(1, largest)


def check(seed, directory, largest):
    draw = random.Random(seed)
    made = histories.epochs(draw)
    gone = histories.lapses(draw)
    lines = histories.lines(draw, made)
    assert expected(made, gone, lines) == collected(directory, made, gone, lines, pieces(draw, largest))


@pytest.mark.parametrize("seed", range(6))
def test_one_increment_agrees_with_the_oracle(seed, tmp_path):
    """A whole history taken in at once gives the counts of the line-by-line rules."""
    check(seed, tmp_path, largest=10**9)


def test_several_increments_agree_with_the_oracle(tmp_path):
    """However the log is cut, in the middle of lines too, the counts are the same."""
    check(7, tmp_path, largest=30_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 14))
def test_many_increments_agree_with_the_oracle(seed, tmp_path):
    """The same in pieces of a few lines each."""
    check(seed, tmp_path, largest=6000)
