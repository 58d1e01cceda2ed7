"""The source over the router's own growing log."""

import random
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import histories
import pytest

from unfelt.adapters.sources import Epoch, Lapse, SourceError
from unfelt.adapters.sources.forms import log_form
from unfelt.adapters.sources.live import LiveSource

NOW = datetime(2026, 11, 23, 18, 5, tzinfo=UTC)
EPOCHS = [Epoch(1, "watch", 0.5, "a", histories.BEGAN)]
FAILED = [{"id": "failed", "bad": "status >= 500", "margin": "1%"}]


def line(second, customer="c2", arm="new", *, kind="end", status=200, served=None, attempts=1, epoch=1, **rest):
    time = histories.BEGAN + histories.seconds(second)
    facts = {"share": 0.5, "path": "/pay", "duration_ms": 10, "device": "phone", "phase": "watch"}
    told = {
        "time": time,
        "type": kind,
        "id": f"{customer}{second}",
        "customer": customer,
        "arm": arm,
        "epoch": epoch,
    }
    return told | {"served": served or arm, "attempts": attempts, "status": status} | facts | rest


def heartbeat(time):
    """The router answers itself."""
    told = {"time": time, "type": "end", "id": f"{random.random()}", "customer": None, "arm": "none", "epoch": 1}
    return told | {"served": "none", "attempts": 0, "status": 204, "duration_ms": 0}


class Bench:
    """A live source with its log in a directory."""

    def __init__(self, directory, **experience):
        given = {"later": [], "segments": [{"by": "device"}], "metrics": FAILED}
        self.change = histories.plan(**given | experience)
        self.directory, self.log, self.number = directory / "state", directory / "access.jsonl", 0
        self.log.touch()
        self.source = self.open()

    def open(self, **options):
        return LiveSource(self.change, self.directory, log=self.log, form=log_form("envoy"), **options)

    def write(self, *lines):
        with self.log.open("ab") as file:
            file.writelines(one if isinstance(one, bytes) else histories.written(one) for one in lines)

    def collect(self, *lines, epochs=EPOCHS, lapses=(), now=NOW, beats=2):
        """The next batch; the router's heartbeats follow the lines, so that several speak for their time."""
        self.write(*lines)
        latest = max((one["time"] for one in lines if isinstance(one, dict)), default=None)
        self.write(*(heartbeat(latest) for _ in range(beats if latest else 0)))
        batch = self.source.collect(self.number, epochs=epochs, lapses=lapses, now=now)
        self.number = batch.number
        return batch

    def restart(self):
        self.source.close()
        self.source = self.open()


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.source.close()


def cells(tallies, metric="failed"):
    """Customers and bad ones per arm, for everybody."""
    return {one.arm: (one.n, one.bad) for one in tallies if (one.metric, one.segment) == (metric, None)}


def test_a_failure_is_told_before_its_window_closes(bench):
    """The failure comes at once, the window when it has closed, and both once."""
    first = bench.collect(line(0, status=503), line(0.1, "c3", "old"))
    then = bench.collect(line(5, "c4", "old"))
    assert (cells(first.failures), cells(first.tallies)) == ({"new": (0, 1)}, {})
    assert (cells(then.failures), cells(then.tallies)) == ({}, {"new": (1, 1), "old": (1, 0)})
    assert (first.exposed, first.in_flight, then.in_flight) == (1, 1, 0)


def test_the_same_number_gives_the_same_batch(bench):
    """Until the next batch is asked for, the last one is there again, after a restart too."""
    batch = bench.collect(line(0, status=503), b"garbage\n")
    bench.restart()
    assert batch == bench.source.collect(0, epochs=EPOCHS, lapses=(), now=NOW)


def test_a_number_from_elsewhere_is_refused(bench):
    """A caller whose state belongs to another log does not get a batch that it takes for the next one."""
    bench.collect(line(0))
    with pytest.raises(SourceError, match="Batch 8 was asked for and the source is at batch 1"):
        bench.source.collect(7, epochs=EPOCHS, lapses=(), now=NOW)


def test_a_request_that_never_ends_is_bad(bench):
    """A hung request is seen at its start, counts as unknown and bad when the window closes."""
    bench.collect(line(0, kind="start", status=None, duration_ms=None))
    batch = bench.collect(line(5, "c4", "old"))
    assert (
        cells(batch.tallies),
        cells(batch.failures),
        batch.intake.unknown,
    ) == ({"new": (1, 1)}, {"new": (0, 1)}, 1)


def test_a_request_that_ends_in_time_is_what_it_was(bench):
    """A start is no outcome once its end has come."""
    bench.collect(line(0, kind="start", status=None, duration_ms=None))
    bench.collect(line(0))
    batch = bench.collect(line(5, "c4", "old"))
    assert (cells(batch.tallies), batch.intake.unknown) == ({"new": (1, 0)}, 0)


def test_a_hung_request_that_could_not_be_bad_is_not(tmp_path):
    """Where the expression is false whatever the answer would have been, the outcome is known."""
    metrics = [{"id": "failed", "bad": "path = '/cart' and status >= 500", "margin": "1%"}]
    bench = Bench(tmp_path, metrics=metrics)
    batch = bench.collect(line(0, kind="start", status=None), line(5, "c4", "old"))
    assert (cells(batch.tallies), batch.intake.unknown) == ({"new": (1, 0)}, 0)
    bench.source.close()


def test_an_end_without_answer_is_unknown(bench):
    """A customer who gave up has status 0: no answer is not a good answer."""
    batch = bench.collect(line(0, status=0), line(5, "c4", "old"))
    assert (cells(batch.tallies), batch.intake.unknown) == ({"new": (1, 1)}, 1)


def test_a_slow_first_request_is_not_lost_to_a_quick_one(bench):
    """Of two requests at once the quick one is logged first; the one begun just before still counts."""
    batch = bench.collect(line(0.2), line(0.1, status=500), line(5, "c4", "old"))
    assert cells(batch.tallies) == {"new": (1, 1)}


def test_falling_back_is_bad_for_new(bench):
    """Assigned to new, served by old after a failed connection: bad, although the answer was 200."""
    batch = bench.collect(line(0, served="old", attempts=2), line(5, "c4", "old"))
    assert (cells(batch.tallies), batch.fallen_back) == ({"new": (1, 1)}, 1)


def test_in_baseline_old_serves_both_arms(bench):
    """Nothing has fallen back and nobody is exposed, but both arms are tallied."""
    epochs = [Epoch(1, "baseline", 0.5, "a", histories.BEGAN)]
    lines = [line(0, served="old", phase="baseline"), line(5, "c4", "old", phase="baseline")]
    batch = bench.collect(*lines, epochs=epochs)
    assert (cells(batch.tallies), batch.exposed, batch.fallen_back) == ({"new": (1, 0)}, 0, 0)


def test_a_lapse_excludes_both_arms_by_time(bench):
    """Windows that a lapse touches are no bets in either arm; their customers still count as exposed."""
    lapse = Lapse(histories.BEGAN + timedelta(seconds=2), histories.BEGAN + timedelta(seconds=3), "lease")
    lines = [line(0), line(0.5, "c3", "old"), line(4, "c5", "old"), line(9, "c6", "old")]
    batch = bench.collect(*lines, lapses=[lapse])
    assert (cells(batch.tallies), batch.excluded["lapse"], batch.exposed) == ({"old": (1, 0)}, 2, 1)


def test_lines_of_a_lapse_that_is_on_record_are_not_astray(bench):
    """The guard was away and customers of new were on old: that is known. Without a lapse on record it is not."""
    lines = [line(n / 10, f"c{n}", served="old") for n in range(20, 30)]
    lapse = Lapse(
        histories.BEGAN + timedelta(seconds=2), histories.BEGAN + timedelta(seconds=3), "the lease ran out"
    )
    known = bench.collect(*lines, lapses=[lapse])
    assert known.intake.strays.get("astray", {}) == {}
    later = bench.collect(*[line(8 + n / 10, f"d{n}", served="old") for n in range(10)], lapses=[lapse])
    assert later.intake.strays["astray"] == {"new": 10}


def test_a_share_change_excludes_both_arms_by_time(bench):
    """Windows that straddle it are counted as excluded, by the router's word or the log's."""
    ended = histories.BEGAN + timedelta(seconds=2)
    told = [Epoch(1, "watch", 0.5, "a", histories.BEGAN, ended), Epoch(2, "watch", 0.6, "a", ended)]
    batch = bench.collect(line(0), line(0.5, "c3", "old"), line(2.1, "c7", "old", epoch=2), epochs=told)
    assert batch.excluded["share_change"] == 0
    batch = bench.collect(line(9, "c3", "old", epoch=2), epochs=told)
    assert (cells(batch.tallies), batch.excluded["share_change"]) == ({"old": (1, 0)}, 2)


def test_pinned_customers_are_counted_apart(bench):
    """They are in no tally and no split."""
    batch = bench.collect(line(0, arm="pinned", served="old"), line(5, "c4", "excluded", served="old"))
    assert (batch.tallies, batch.splits, batch.excluded["pinned"]) == ((), (), 2)


def test_customers_in_both_arms_are_counted(bench):
    """Seen in both arms within one epoch: crossed, and judged by the first."""
    batch = bench.collect(line(0), line(1, arm="old", status=500), line(5, "c4", "old"))
    assert (batch.crossed, cells(batch.tallies)) == (1, {"new": (1, 1)})


def test_heartbeats_move_the_watermark(bench):
    """With no traffic, windows close all the same."""
    bench.collect(line(0))
    batch = bench.collect(line(5, None, "none", kind="end", served="none", status=204))
    assert (cells(batch.tallies), f"{batch.until:%H:%M:%S}") == ({"new": (1, 0)}, "17:59:04")


def test_lines_that_do_not_parse_are_shown_masked(bench):
    """Counted, with examples in which no value can be read."""
    batch = bench.collect(b'{"customer": "lin@shop.example", "status": 50\n', line(0), b"4111 1111\n", beats=0)
    assert (batch.intake.lines, batch.intake.unparsed) == (3, 2)
    assert batch.intake.examples == ('{"customer": "xxx@xxxx.xxxxxxx", "status": 00', "0000 0000")


def test_a_cut_line_is_read_when_it_is_whole(bench):
    """Half a line is not a line that does not parse."""
    whole = histories.written(line(0, status=500))
    first = bench.collect(whole[:40])
    then = bench.collect(whole[40:])
    assert (first.intake.lines, then.intake.lines, cells(then.failures)) == (0, 1, {"new": (0, 1)})


def test_rotation_loses_nothing(bench):
    """What was not read of a renamed log comes before what is in the new one."""
    bench.collect(line(0))
    bench.write(line(1, "c3"))
    bench.log.rename(bench.log.with_name("access-17.jsonl"))
    bench.write(line(2, "c4"))
    lines = [bench.collect().intake.lines for _ in range(5)]
    assert (sum(lines), bench.collect().customers) == (2, 3)


def test_a_truncated_log_is_read_from_its_beginning(bench):
    """Fewer bytes than were read: the log began anew."""
    bench.collect(line(0), line(1, "c3"))
    bench.log.write_bytes(b"")
    assert ((batch := bench.collect(line(2, "c4"), beats=0)).intake.lines, batch.customers) == (1, 3)


def test_late_lines_change_nothing_that_is_closed(bench):
    """A line behind the watermark opens no window and is counted."""
    bench.collect(line(0), line(9, "c3", "old"))
    batch = bench.collect(line(2, "c4", kind="start", status=None), line(0.5, status=500))
    assert (cells(batch.tallies), cells(batch.failures), batch.intake.late) == ({}, {}, 2)


def test_a_clock_that_is_set_back_does_not_stop_the_watermark(bench):
    """Windows open at the step are excluded in both arms, none closes twice, and time goes on."""
    bench.collect(line(3600), line(3600.1, "c3", "old"), now=NOW + timedelta(hours=1))
    first = bench.collect(line(0, "d1", "old"), now=NOW)
    then = bench.collect(line(9, "c9", "old"), now=NOW)
    assert (cells(first.tallies), cells(then.tallies), then.excluded["lapse"]) == ({}, {"old": (1, 0)}, 2)
    assert f"{then.until:%H:%M:%S}" == "17:59:08"


def test_segments_are_fixed_from_what_was_seen(bench):
    """The values seen most come first; after fixing, all others are `other`, after a restart too."""
    lines = [line(n / 10, f"d{n}", "old", device="phone" if n % 3 else "watch") for n in range(7)]
    assert all(one.segment is None for one in bench.collect(*lines, line(5, "x")).tallies)
    assert bench.source.segments(most=2) == {"device": ("phone", "watch")}
    bench.source.fix_segments({"device": ("phone",)})
    bench.restart()
    batch = bench.collect(line(6, "y", "old", device="watch"), line(7, "z", "old"), line(20, "w"))
    found = {one.segment: one.n for one in batch.tallies if (one.metric, one.arm) == ("failed", "old")}
    assert found == {None: 2, "device=phone": 1, "device=other": 1}


def test_rows_are_kept_as_parquet(bench):
    """Closing writes what is left; every line is in a file once."""
    bench.collect(line(0), line(1, "c3"), beats=0)
    bench.restart()
    bench.collect(line(70, "c4"), line(140, "c5"), beats=0)
    bench.restart()
    kept = duckdb.sql(f"SELECT customer FROM '{bench.directory}/experience/*.parquet' ORDER BY time").fetchall()
    assert kept == [("c2",), ("c3",), ("c4",), ("c5",)]


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        (
            {"bad": "statsu >= 500"},
            "The metric failed reads the column statsu, which is not there. Did you mean status?",
        ),
        ({"bad": "arm = 'new'"}, "reads the column arm, which is not there"),
        ({"bad": "device > 3"}, "Texts become numbers with try_cast"),
        ({"bad": "status >= 500", "source": "shop"}, "names the source shop, which the plan does not have"),
        ({}, "does not say what is bad"),
    ],
)
def test_what_the_log_cannot_tell_is_refused_before_the_start(tmp_path, metric, says):
    """A metric that could not run must not look as if it had passed."""
    with pytest.raises(SourceError) as caught:
        Bench(tmp_path, metrics=[{"id": "failed", "margin": "1%"} | metric])
    assert says in str(caught.value)


def test_experience_of_another_plan_is_refused(bench):
    """One directory holds what was gathered for one set of questions."""
    bench.source.close()
    bench.change = histories.plan(later=[], segments=[{"by": "device"}], metrics=FAILED, observe="9s")
    with pytest.raises(SourceError, match="gathered under other metrics, segments or windows"):
        bench.open()


def test_a_second_owner_is_refused(bench):
    """The experience belongs to one process; a reader gets a clear error."""
    code = "import histories, sys; from unfelt.adapters.sources.live import LiveSource; from pathlib import Path\n"
    code += "LiveSource(histories.plan(), Path(sys.argv[1]), log=Path('x'), form=None)"
    done = subprocess.run(
        [sys.executable, "-c", code, bench.directory],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is in use by another process, or cannot be opened" in done.stderr


class Shop:
    """Two stores, and a plan that joins promises with them."""

    def __init__(self, directory):
        self.old, self.new = directory / "old.db", directory / "new.db"
        for path in (self.old, self.new):
            self.do(path, "CREATE TABLE orders (number INTEGER PRIMARY KEY)")
        stores = {
            arm: {"database": f"sqlite:///{path}", "query": "SELECT number FROM orders"}
            for arm, path in (("old", self.old), ("new", self.new))
        }
        self.bench = Bench(
            directory,
            columns={"order": "response:x-order"},
            metrics=[*FAILED, {"id": "lost", "margin": "1%", "source": "orders"}],
            sources={"orders": {"kind": "reconciliation", "promise": "order", "within": "2s"} | stores},
        )

    @staticmethod
    def do(path, statement):
        with sqlite3.connect(path) as store:
            store.execute(statement)
        store.close()

    def at(self, second, *lines):
        """What is collected so long after the beginning."""
        return self.bench.collect(*lines, now=(histories.BEGAN + timedelta(seconds=second)).replace(tzinfo=UTC))


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.bench.source.close()


def test_a_promise_that_the_store_does_not_hold_is_bad(shop):
    """Orders are looked up in the store of who served them; all assigned customers are the denominator."""
    Shop.do(shop.old, "INSERT INTO orders VALUES (7)")
    lines = [line(0, order="8"), line(0.1, "c3", "old", order="7"), line(0.2, "c4", "old")]
    early = shop.at(1, *lines)
    broken = shop.at(3, line(3, "c5", "old"))
    closed = shop.at(7, line(7, "c6", "old"))
    assert [cells(one.failures, "lost") for one in (early, broken, closed)] == [{}, {"new": (0, 1)}, {}]
    assert cells(closed.tallies, "lost") == {"new": (1, 1), "old": (2, 0)}
    assert cells(closed.tallies, "anything") == {"new": (1, 1), "old": (2, 0)}


def test_a_fallen_back_order_is_looked_up_in_old(shop):
    """Whoever answered is asked, although the customer belongs to new."""
    Shop.do(shop.old, "INSERT INTO orders VALUES (7)")
    shop.at(1, line(0, order="7", served="old", attempts=2))
    closed = shop.at(9, line(9, "c6", "old"))
    assert cells(closed.tallies, "lost") == {"new": (1, 0)}


def test_a_store_that_does_not_answer_makes_its_metric_stale(shop):
    """Unmeasured, never 0 bad: its windows wait, those of other metrics close."""
    shop.new.unlink()
    batch = shop.at(9, line(0, order="8"), line(9, "c5", "old"))
    assert (
        batch.stale,
        cells(batch.tallies, "lost"),
        cells(batch.tallies, "failed"),
    ) == (("lost",), {}, {"new": (1, 0)})
    Shop.do(shop.new, "CREATE TABLE orders (number TEXT)")
    Shop.do(shop.new, "INSERT INTO orders VALUES ('8')")
    batch = shop.at(10)
    assert (batch.stale, cells(batch.tallies, "lost")) == ((), {"new": (1, 0)})


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path):
    """A process killed with SIGKILL again and again delivers the same batches as one that was left alone."""
    draw = random.Random(5)
    made = [Epoch(1, "watch", 0.5, "a", histories.BEGAN)]
    log = tmp_path / "access.jsonl"
    log.write_bytes(b"".join(map(histories.written, histories.lines(draw, made, requests=60))))
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    for directory in (alone, killed):
        directory.mkdir()
    batches = run_child(alone, log, stop_at=30)
    restarts = 0
    while count(killed) < batches and restarts < 60:
        run_child(killed, log, stop_at=count(killed) + draw.randint(1, 4), delay=draw.random() * 0.02)
        restarts += 1
    assert (alone / "acknowledged").read_text().splitlines()[:batches] == told(killed)[:batches]
    assert restarts > 5


def told(directory):
    done = directory / "acknowledged"
    return done.read_text().splitlines() if done.exists() else []


def count(directory):
    return len(told(directory))


def run_child(directory, log, *, stop_at, delay=0.0):
    """The child runs until that many batches are acknowledged, and is killed in the middle of the next."""
    import time

    child = subprocess.Popen(
        [sys.executable, "crash_child.py", directory, log],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        for text in child.stdout:
            if int(text) >= stop_at:
                break
        time.sleep(delay)
        child.kill()
    return count(directory)
