"""The customers of the example shop."""

import itertools
import json
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import Popen

import pytest
from shop_running import address

from shop.journeys import Journey, journeys

Start = Callable[..., "Popen[str]"]


def first(count: int, *, seed: int = 7, rate: float = 100) -> list[Journey]:
    """The first journeys of a seed."""
    return list(itertools.islice(journeys(seed=seed, rate=rate), count))


@pytest.fixture(scope="module")
def visits() -> list[Journey]:
    """Three minutes of them."""
    return first(20_000)


def test_a_seed_is_a_sequence() -> None:
    """The same seed gives the same customers at the same moments, and another seed gives others."""
    assert first(2000) == first(2000)
    assert first(20) != first(20, seed=8)


def test_customers_arrive_at_the_rate(visits: list[Journey]) -> None:
    """A hundred a second, on average, at irregular moments."""
    moments = [journey.at for journey in visits]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert 195 < moments[-1] < 205
    assert 0.34 < sum(gap > 0.01 for gap in gaps) / len(gaps) < 0.40  # 1/e


def test_customers_are_of_all_kinds(visits: list[Journey]) -> None:
    """Half on phones, from four regions, three in ten back again, about four requests each."""
    people = {visit.customer.number: visit.customer for visit in visits}
    devices = Counter(person.device for person in people.values())
    assert {device: round(count / len(people), 1) for device, count in devices.items()} == {
        "phone": 0.5,
        "desktop": 0.4,
        "tablet": 0.1,
    }
    assert {person.region for person in people.values()} == {"north", "south", "west", "islands"}
    assert 0.27 < 1 - len(people) / len(visits) < 0.31
    assert 4 < sum(len(visit.steps) for visit in visits) / len(visits) < 4.7


def test_nobody_is_in_the_shop_twice_at_a_time(visits: list[Journey]) -> None:
    """A customer comes back five seconds after they came, or later."""
    came = defaultdict(list)
    for visit in visits:
        came[visit.customer.number].append(visit.at)
    gaps = [after - before for moments in came.values() for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= 5


def test_a_journey_takes_two_seconds_at_most(visits: list[Journey]) -> None:
    """Thinking takes less than two seconds, so that a short window sees the whole journey."""
    assert max(sum(step.think for step in visit.steps) for visit in visits) < 2


class Stranger(BaseHTTPRequestHandler):
    """A foreign server: it gives each new customer a cookie, and notes what it is asked."""

    protocol_version = "HTTP/1.1"
    delay = 0.0
    mints = True
    seen: list[tuple[str, str, str, str]]
    numbers: Iterator[int]

    def do_GET(self) -> None:
        """Answers anything."""
        time.sleep(self.delay)
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length).decode()
        cookie = self.headers.get("cookie", "")
        self.seen.append((cookie, self.path, body, str(self.headers.get("x-user"))))
        self.send_response(200)
        if self.mints and "uid=" not in cookie:
            self.send_header("set-cookie", f"uid=c{next(self.numbers)}; Path=/; HttpOnly")
        if self.path == "/checkout":
            self.send_header("x-order", "S77")
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - named by http.server

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def watched(start: Start, **server: object) -> tuple[list[tuple[str, str, str, str]], dict]:
    """What a foreign server saw of 7 s of traffic, and the traffic's own summary."""
    handler = type("Watched", (Stranger,), {"seen": [], "numbers": itertools.count(), **server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True).start()
        to = f"http://127.0.0.1:{listener.server_address[1]}"
        traffic = start("shop.traffic", "--to", to, "--rate", "20", "--seconds", "7", "--seed", "3")
        summary = json.loads(traffic.stdout.readline())
        listener.shutdown()
    return handler.seen, summary


@pytest.mark.slow
def test_cookies_are_kept_from_visit_to_visit(start: Start) -> None:
    """Every customer is without the cookie once, and those who return bring the one they were given."""
    seen, summary = watched(start)
    cookies = Counter(cookie for cookie, *_ in seen)
    homes = [cookie for cookie, path, *_ in seen if path.startswith("/?")]
    assert cookies[""] == summary["customers"] == len(cookies) - 1
    assert len(homes) - homes.count("") == summary["returning"] > 0
    assert {path for _, path, *_ in seen if path.startswith("/orders/")} == {"/orders/S77"}


@pytest.mark.slow
def test_the_same_requests_whatever_the_server_takes(start: Start) -> None:
    """A slow server is asked the same by the same customers, and nobody makes up an id."""
    quick, _ = watched(start, mints=False)
    slow, _ = watched(start, mints=False, delay=0.1)
    assert sorted(quick) == sorted(slow)
    assert {cookie for cookie, *_ in quick} == {""}


def test_a_server_that_is_not_there_is_counted(start: Start) -> None:
    """Connection errors end journeys, not the traffic."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as listener:
        to = f"http://127.0.0.1:{listener.server_address[1]}"
    traffic = start("shop.traffic", "--to", to, "--rate", "50", "--seconds", "1")
    out, err = traffic.communicate(timeout=30)
    summary = json.loads(out)
    assert (err, traffic.returncode) == ("", 0)
    assert summary["errors"] == {"ClientConnectorError": summary["journeys"]}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_traffic_with_its_summary(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    """Traffic without an end stops when told, and says what came of it."""
    shop = start("shop.serve", "old", "--data", str(tmp_path))
    traffic = start("shop.traffic", "--to", address(shop), "--rate", "30")
    time.sleep(1.5)
    traffic.send_signal(number)
    out, err = traffic.communicate(timeout=30)
    assert (err, traffic.returncode, list(json.loads(out)["statuses"])) == ("", 0, ["200"])


@pytest.mark.slow
def test_traffic_that_nobody_listens_to_ends_quietly(start: Start, tmp_path: Path) -> None:
    """A summary that cannot be handed over is no error."""
    shop = start("shop.serve", "old", "--data", str(tmp_path))
    traffic = start("shop.traffic", "--to", address(shop), "--rate", "30", "--seconds", "0.5")
    traffic.stdout.close()
    assert (traffic.wait(timeout=30), traffic.stderr.read()) == (0, "")
    traffic.stdout = None
