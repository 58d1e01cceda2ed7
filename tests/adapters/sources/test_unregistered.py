"""What customers meet besides what the plan names, counted by the source over the router's log."""

import pytest
from histories import BEGAN
from test_live_source import Bench, line

from unfelt.adapters.sources import Epoch
from unfelt.adapters.sources.unregistered import Feature

EPOCHS = [Epoch(1, "watch", 0.5, "a", BEGAN)]


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path, later=[])
    yield made
    made.source.close()


def shown(bench, known=0):
    """Of each feature the customers on new and on old who met it."""
    counted = bench.source.compare(known=known)
    named = {one.number: (one.kind, one.route, one.value) for one in counted.fresh}
    return {named[int(number)]: (int(new), int(old)) for number, _q, new, old in counted.met if number in named}


def close(bench):
    """All windows so far are closed."""
    bench.collect(line(30, "late", "old", path="/late"))


def test_a_customer_meets_a_status_once_however_often(bench):
    """Two refusals of one customer are one; the route has the number left out."""
    bench.collect(
        line(0, "c1", "new", path="/orders/1", status=413),
        line(1, "c1", "new", path="/orders/2", status=413, id="again"),
        line(1, "c2", "old", path="/orders/3", status=200),
    )
    close(bench)
    found = shown(bench)
    assert found["status", "GET /orders/{n}", "413"] == (1, 0)
    assert found["status", "GET /orders/{n}", "200"] == (0, 1)
    assert found["visit", "GET /orders/{n}", ""] == (1, 1)
    assert found["status", "*", "413"] == (1, 0)


def test_what_a_metric_calls_bad_is_no_difference(bench):
    """A failure is told by its metric; the visit still counts."""
    bench.collect(line(0, "c1", "new", status=503), line(0, "c2", "old"))
    close(bench)
    found = shown(bench)
    assert ("visit", "GET /pay", "") in found
    assert not [key for key in found if key[0] == "status" and key[2] == "503"]


def test_headers_redirects_and_types_are_told(bench):
    """Each name of a header by route and anywhere; where a redirect leads; the type."""
    told = {"_headers": "date|etag", "_host": "shop.example", "_type": "text/html"}
    bench.collect(
        line(0, "c1", "new", status=302, method="GET", _location="http://other.example/x", **told),
        line(0, "c2", "old", status=302, method="GET", _location="/y/7", **told | {"_headers": "date"}),
    )
    close(bench)
    found = shown(bench)
    assert found["redirect", "GET /pay", "http://other.example"] == (1, 0)
    assert found["redirect", "GET /pay", "/y/{n}"] == (0, 1)
    assert (found["header", "*", "etag"], found["header", "GET /pay", "date"]) == ((1, 0), (1, 1))
    assert found["type", "GET /pay", "text/html"] == (1, 1)


def test_windows_that_are_still_open_are_not_counted(bench):
    """Only once everything that counts in them is there."""
    bench.collect(line(0, "c1", "new", status=404))
    assert shown(bench) == {}


def test_counts_are_there_after_a_restart(bench):
    """Nothing is forgotten, and nothing counted twice."""
    bench.collect(line(0, "c1", "new", status=404, method="GET"))
    close(bench)
    before = shown(bench)
    bench.restart()
    assert shown(bench) == before


def test_a_windows_requests_are_forgotten_once_it_is_over(bench):
    """However long a rollout lasts, the requests that are kept are those of one window."""
    for second in range(0, 600, 5):
        bench.collect(line(second, f"c{second}", "new" if second % 2 else "old"))
        shown(bench)
    many = bench.source._connection.execute("SELECT count(*) FROM unregistered.requests").fetchone()[0]
    assert many < 12


def test_an_example_names_nobody(bench):
    """The request on new that shows it, with the pseudonym cut short."""
    told = {"status": 413, "bytes": 7}
    bench.collect(line(0, "c1", "new", **told), line(0, "c2", "old"))
    bench.collect(line(30, "0123456789abcdef", "new", **told))
    features = {(one.kind, one.value): one for one in bench.source.compare(known=0).fresh}
    one = features["status", "413"]
    example = bench.source.examples([one])[one.number]
    assert (example.customer, example.status, example.size) == ("01234567…", 413, 7)
    assert bench.source.examples([Feature(9, "status", "GET /pay", "418")]) == {}


def test_ten_thousand_paths_cost_as_few_features_as_one(bench):
    """Each customer asks for a path of their own; the routes stay few."""
    bench.collect(*(line(0, f"c{i}", "new", path=f"/{i:x}/{i * 7919:08x}", id=f"r{i}") for i in range(10_000)))
    close(bench)
    counted = bench.source.compare(known=0)
    assert len({one.route for one in counted.fresh}) < 100
