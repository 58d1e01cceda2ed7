"""Every request is counted once, by how it counts, and ids that many share are found."""

from collections.abc import Iterator

import duckdb
import pytest

from unfelt.adapters.sources.asked import MOST_ROUTES, Asked

Line = tuple[str | None, str, str, str | None, str | None, str | None]


class Log:
    """A log whose lines come in batches."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("CREATE SCHEMA live")
        self.connection.execute(
            "CREATE TEMP TABLE w_parsed (id VARCHAR, arm VARCHAR, phase VARCHAR, customer VARCHAR, "
            "caller VARCHAR, path VARCHAR, _ended BOOLEAN)"
        )
        self.asked = Asked(self.connection)

    def take_in(self, *lines: Line) -> None:
        """One batch of ended requests."""
        self.connection.execute("DELETE FROM w_parsed")
        self.connection.executemany("INSERT INTO w_parsed VALUES ($1, $2, $3, $4, $5, $6, true)", list(lines))
        self.asked.count()


@pytest.fixture
def log() -> Iterator[Log]:
    """An empty log."""
    made = Log()
    yield made
    made.connection.close()


def without_id(path: str) -> Line:
    """A request without an id."""
    return ("r", "none", "watch", None, None, path)


def of(customer: str, *, arm: str = "old", caller: str = "c", phase: str = "watch") -> Line:
    """A request of that customer."""
    return ("r", arm, phase, customer, caller, "/")


def test_each_request_is_counted_under_one_kind(log):
    """They add up to all but unfelt's own; batch after batch."""
    lines = [
        of("a"),
        of("b", arm="new"),
        of("a", phase="baseline"),
        of("c", arm="pinned"),
        of("d", arm="excluded"),
        of("e", arm="none", phase="off"),
        without_id("/docs"),
        (None, "none", "watch", None, None, None),
        without_id("/.unfelt/heartbeat"),
    ]
    log.take_in(*lines)
    log.take_in(*lines)
    kinds = log.asked.told(5)["requests"]
    names = ("old", "new", "baseline", "pinned", "excluded", "unassigned", "anonymous", "unreadable")
    assert kinds == dict.fromkeys(names, 2)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/docs/intro", "/docs/intro"),
        ("/orders/123", "/orders/{n}"),
        ("/orders/123/456/items/7/", "/orders/{n}/{n}/items/{n}/"),
        ("/u/550e8400-e29b-41d4-a716-446655440000", "/u/{n}"),
        ("/reset/deadbeefcafe0123", "/reset/{n}"),
        ("/t/" + "x" * 40, "/t/{n}"),
        ("/s/%E5%95%86/2", "/s/{n}/{n}"),
        ("/a?token=secret", "/a"),
    ],
)
def test_paths_are_told_without_what_differs(log, path, route):
    """Numbers, ids, long and encoded words: none of them is shown."""
    log.take_in(without_id(path))
    assert log.asked.told(0)["anonymous"] == [[route, 1]]


def test_the_number_of_routes_is_bounded(log):
    """What is beyond counts together, and nothing is lost."""
    for part in range(3):
        log.take_in(*(without_id(f"/page-{part}-{number}") for number in range(400)))
    rows = log.connection.execute("SELECT count(*), sum(n) FROM live.asked").fetchone()
    assert rows is not None
    assert rows[0] <= MOST_ROUTES + 1
    assert rows[1] == 1200


def test_an_id_that_asks_far_more_than_any_other_is_named(log):
    """A health checker: one program, many requests. Busy customers are not."""
    log.take_in(
        *(of(f"customer-{n}") for n in range(200) for _ in range(5)), *(of("f00dcafe99") for _ in range(400))
    )
    assert log.asked.told(201)["shared"] == [["f00dcafe", 400, 1]]
    log.take_in(*(of(f"customer-{n}") for n in range(200) for _ in range(50)))
    assert log.asked.told(201)["shared"] == []


def test_an_id_from_many_programs_is_named_sooner(log):
    """An office behind one cookie."""
    office = [of("0ff1ce0000", caller=f"p{n % 12}") for n in range(120)]
    log.take_in(*(of(f"customer-{n}") for n in range(100) for _ in range(5)), *office)
    assert log.asked.told(101)["shared"] == [["0ff1ce00", 120, 12]]
