"""What was promised against what the stores hold: lost, doubled, wrong, in one store alone, promised to nobody."""

import sqlite3
from contextlib import closing
from datetime import UTC, timedelta

import histories
import pytest
from test_live_source import EPOCHS, Bench, cells, line

from unfelt.adapters.sources import Epoch

BOOK = "CREATE TABLE orders (number TEXT, total REAL)"
LISTS = "select number, total from orders"


class Books:
    """Two stores with totals, and a plan that compares them with what the answers said."""

    def __init__(self, directory, *, query=LISTS, one_store=False, **source):
        self.paths = {arm: directory / f"{'both' if one_store else arm}.db" for arm in ("old", "new")}
        for path in set(self.paths.values()):
            self._do(path, BOOK)
        stores = {arm: {"database": f"sqlite:///{path}", "query": query} for arm, path in self.paths.items()}
        kept = {"kind": "reconciliation", "promise": "order", "value": "total", "within": "2s"}
        self.bench = Bench(
            directory,
            columns={"order": "response:x-order", "total": "response:x-total"},
            metrics=[{"id": "kept", "margin": "1%", "source": "book"}],
            sources={"book": kept | stores | source},
        )

    @staticmethod
    def _do(path, statement, *rows):
        with closing(sqlite3.connect(path)) as store, store:
            store.executemany(statement, rows) if rows else store.execute(statement)

    def write(self, arm, *rows):
        self._do(self.paths[arm], "INSERT INTO orders VALUES (?, ?)", *rows)

    def at(self, second, *lines, epochs=EPOCHS):
        """What is collected so long after the beginning."""
        now = (histories.BEGAN + timedelta(seconds=second)).replace(tzinfo=UTC)
        return self.bench.collect(*lines, now=now, epochs=epochs)


@pytest.fixture
def books(tmp_path):
    """Makes the stores; every source is closed."""
    made = []

    def make(**given):
        made.append(Books(tmp_path, **given))
        return made[-1]

    yield make
    for one in made:
        one.bench.source.close()


def test_an_order_that_is_written_twice_is_bad_at_once(books):
    """Nobody waits until its time is over: it does not become right."""
    shop = books()
    shop.write("new", ("7", 10), ("7", 10))
    batch = shop.at(1, line(0, order="7", total="10"), line(0.1, "c3", "old"))
    assert cells(batch.failures, "kept") == {"new": (0, 1)}
    assert batch.stores["kept"]["new"]["doubled"] == 1


def test_a_copy_that_comes_later_is_found_when_the_time_is_over(books):
    """An order that was there once is looked up again."""
    shop = books()
    shop.write("new", ("7", 10))
    first = shop.at(1, line(0, order="7", total="10"), line(0.1, "c3", "old"))
    shop.write("new", ("7", 10))
    then = shop.at(3, line(3, "c5", "old"))
    assert [cells(one.failures, "kept") for one in (first, then)] == [{}, {"new": (0, 1)}]


def test_copies_may_be_meant(books):
    """A store that keeps a row for each item lists an order several times, and the plan says so."""
    shop = books(copies="any")
    shop.write("new", ("7", 10), ("7", 12))
    shop.at(1, line(0, order="7", total="12"), line(0.1, "c3", "old"))
    assert cells(shop.at(7, line(7, "c6", "old")).tallies, "kept") == {"new": (1, 0), "old": (1, 0)}


@pytest.mark.parametrize(
    ("promised", "kept", "is_bad"), [("10.50", 10.5, 0), ("11", 10.5, 1), ("-", 10.5, 0), ("10.5", None, 1)]
)
def test_another_value_than_was_promised_is_bad(books, promised, kept, is_bad):
    """Once its time is over; numbers are compared as numbers, and who was promised nothing misses nothing."""
    shop = books()
    shop.write("new", ("7", kept))
    shop.at(1, line(0, order="7", total=promised), line(0.1, "c3", "old"))
    assert cells(shop.at(7, line(7, "c6", "old")).tallies, "kept") == {"new": (1, is_bad), "old": (1, 0)}


def test_a_value_may_come_as_late_as_the_promise(books):
    """What is right before its time is over is right."""
    shop = books()
    shop.write("new", ("7", None))
    shop.at(1, line(0, order="7", total="10"), line(0.1, "c3", "old"))
    with closing(sqlite3.connect(shop.paths["new"])) as store, store:
        store.execute("UPDATE orders SET total = 10")
    assert cells(shop.at(7, line(7, "c6", "old")).tallies, "kept")["new"] == (1, 0)


def test_rows_that_nobody_was_promised_are_counted_by_store(books):
    """An order that is written again under a fresh key: one more than was promised, also to who has no id."""
    shop = books()
    shop.write("old", ("1", 1))
    shop.at(1, line(0.5, "c3", "old"))
    shop.write("new", ("7", 10), ("8", 10))
    shop.write("old", ("9", 10))
    shop.at(3, line(2, order="7", total="10"), line(2.1, None, "none", served="old", order="9", total="10"))
    shop.at(7, line(7, "c4", "old"))
    stores = shop.at(16, line(16, "c5", "old")).stores["kept"]
    assert {arm: counts["unpromised"] for arm, counts in stores.items()} == {"old": 0, "new": 1}


def test_one_store_for_both_is_counted_once(books):
    """Nobody can say whose version wrote the row, and nothing lies in new's store alone."""
    shop = books(one_store=True)
    shop.at(1, line(0.5, "c3", "old"))
    shop.write("new", ("7", 10), ("8", 10), ("9", 10))
    shop.at(3, line(2, order="7", total="10"), line(2.1, "c6", "old", order="9", total="10"))
    shop.at(7, line(7, "c4", "old"))
    stores = shop.at(16, line(16, "c5", "old")).stores["kept"]
    assert (stores["old"]["unpromised"], "unpromised" in stores["new"], stores["new"]["alone"]) == (1, False, 0)


def test_what_lies_in_the_new_store_alone_is_counted(books):
    """These customers would lose sight of their orders on old; what both stores hold they would not."""
    shop = books()
    shop.write("new", ("7", 10), ("8", 10), ("9", 10))
    shop.write("old", ("9", 10))
    orders = [line(0, order="7"), line(0.2, order="8"), line(0.3, "c4", order="9"), line(0.4, "c3", "old")]
    shop.at(1, *orders)
    new = shop.at(7, line(7, "c6", "old")).stores["kept"]["new"]
    assert (new["kept"], new["alone"], new["alone_of"]) == (3, 2, 1)


def test_a_promise_that_is_named_again_is_one_promise(books):
    """Whoever looks at an order is answered its number once more."""
    shop = books()
    shop.write("new", ("7", 10))
    shop.at(1, line(0, order="7"), line(0.2, order="7"), line(0.4, "c3", "old"))
    shop.at(3, line(2.5, order="7"))
    assert shop.at(9, line(9, "c6", "old")).stores["kept"]["new"]["kept"] == 1


def test_what_an_older_unfelt_kept_goes_on(books):
    """Open promises of a version that knew no values are there after an upgrade."""
    shop = books()
    shop.at(1, line(0, order="7"), line(0.1, "c3", "old"))
    source = shop.bench.source
    source._connection.execute("ALTER TABLE promises.open DROP COLUMN value")
    source._connection.execute("ALTER TABLE promises.open DROP COLUMN found")
    source._connection.execute("DROP TABLE promises.made; DROP TABLE promises.sizes")
    shop.bench.restart()
    assert cells(shop.at(7, line(7, "c6", "old")).tallies, "kept")["new"] == (1, 1)


def epochs(*shares):
    """One after the other, five seconds each."""
    begins = [histories.BEGAN + timedelta(seconds=5 * number) for number in range(len(shares) + 1)]
    return [
        Epoch(number, "watch", share, "a", begins[number - 1], begins[number] if number < len(shares) else None)
        for number, share in enumerate(shares, 1)
    ]


def test_who_meets_the_other_version_within_a_window_is_in_mid_journey(tmp_path):
    """The window is three seconds; who comes later has finished, and who stays where they were does not count."""
    bench = Bench(tmp_path)
    bench.collect(line(4, "c2"), line(1, "c3"), line(4.2, "c4"), epochs=epochs(0.5))
    moved = [line(5.5, "c2", "old", epoch=2), line(5.6, "c3", "old", epoch=2), line(5.7, "c4", epoch=2)]
    batch = bench.collect(*moved, epochs=epochs(0.5, 0.3))
    assert batch.mid_journey == 1
    bench.source.close()


def test_the_counts_of_a_long_rollout_do_not_pile_up(books):
    """The first count and the newest ones are enough, and what they say is the same."""
    shop = books()
    shop.at(1, line(0.5, "c3", "old"))
    shop.write("new", ("7", 10), ("8", 10))
    shop.at(3, line(2, order="7", total="10"))
    for second in range(6, 300, 6):
        batch = shop.at(second, line(second, f"c{second}", "old"))
    assert batch.stores["kept"]["new"]["unpromised"] == 1
    kept = shop.bench.source._connection.execute("SELECT count(*) FROM promises.sizes").fetchone()
    assert kept[0] < 30
