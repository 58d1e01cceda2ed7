"""What the access log says of each request."""

import http.client
import json
import re
import threading
from pathlib import Path

import pytest
from router_site import Load, Site

from unfelt.adapters.pseudonyms import pseudonym
from unfelt.adapters.sources.forms import SEEN

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148"
AGENTS = {
    PHONE: "phone",
    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)": "tablet",
    "Mozilla/5.0 (Linux; Android 16; SM-X910) AppleWebKit/537.36 Safari/537.36": "tablet",
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Mobile Safari/537.36": "phone",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)": "desktop",
    "Mozilla/5.0 (X11; Linux x86_64)": "desktop",
    "curl/8.5.0": "other",
}


def test_a_line_has_exactly_these_fields(site: Site) -> None:
    """One flat object with the built-in fields and a field for each column of the plan."""
    site.move(1.0)
    site.get(
        "/cart?page=3&x-order=o-17", x_user="lin", user_agent=PHONE, cookie="plan=gold", x_region="cn", x_tier="a"
    )
    line = site.lines(at_least=1, where=lambda line: line["path"] == "/cart")[0]
    assert re.fullmatch(r"2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("time"))
    assert re.fullmatch(r"[0-9a-f]{16}-\d+", line.pop("id"))
    assert line.pop("duration_ms") >= 0
    assert line.pop("bytes") > 0
    assert re.fullmatch(r"[0-9a-f]{8}", line.pop("caller"))
    seen = {name: line.pop(name) for name in SEEN}
    assert (seen["_host"], seen["_query"], seen["_location"]) == (f"127.0.0.1:{site.port}", "page&x-order", None)
    assert line == {
        "type": "end",
        "customer": pseudonym(site.router.place.secret.read_bytes(), "lin"),
        "arm": "new",
        "served": "new",
        "attempts": 1,
        "epoch": 1,
        "phase": "watch",
        "share": 1,
        "method": "GET",
        "path": "/cart",
        "status": 200,
        "flags": "-",
        "page": "3",
        "order": "o-17",
        "plan": "gold",
        "region": "cn",
        "tier": "a",
        "device": "phone",
    }


def test_devices_are_told_by_the_user_agent(resting: Site) -> None:
    """Phone, tablet, desktop or other."""
    for agent in AGENTS:
        resting.get("/d", user_agent=agent)
    lines = resting.lines(at_least=len(AGENTS), where=lambda line: line["path"] == "/d")
    assert [line["device"] for line in lines] == list(AGENTS.values())


def test_values_are_cut_to_64_bytes_between_characters(resting: Site) -> None:
    """Long values are cut, text that is not UTF-8 is masked, what is not there is null."""
    resting.get("/v?page=" + "%E4%B8%8A" * 30, x_region="r" * 200)
    resting.get("/v?page=%FF%FEx")
    first, second = resting.lines(at_least=2, where=lambda line: line["path"] == "/v")
    assert (first["page"], first["region"]) == ("上" * 21, "r" * 64)
    assert (second["page"], second["region"]) == ("??x", None)


def test_lua_and_python_make_the_same_pseudonym(resting: Site) -> None:
    """Whatever the id looks like, both sides call the customer the same; ids too long to be ids are none."""
    ids = ["a", "x" * 55, "x" * 56, "x" * 63, "x" * 64, "x" * 65, "x" * 119, "x" * 512, "user@shop.example", '"%|']
    for one in [*ids, "x" * 513]:
        resting.get("/p", x_user=one)
    lines = resting.lines(at_least=len(ids) + 1, where=lambda line: line["path"] == "/p")
    secret = resting.router.place.secret.read_bytes()
    assert {line["customer"] for line in lines} == {None, *(pseudonym(secret, one) for one in ids)}


def test_no_id_is_ever_written(resting: Site) -> None:
    """Neither the log nor any other file of the router holds an id, a cookie or a token."""
    resting.get(
        "/x?uid=plain-sight", x_user="secret-user-7", cookie="uid=secret-cookie-7", authorization="Bearer secret-7"
    )
    resting.lines(at_least=1, where=lambda line: line["path"] == "/x")
    files = [path for path in resting.directory.rglob("*") if path.is_file() and path.name != "secret"]
    assert [path for path in files if b"secret-" in path.read_bytes()] == []
    assert oct(resting.directory.stat().st_mode & 0o777) == "0o700"
    assert oct(resting.router.place.secret.stat().st_mode & 0o777) == "0o600"


def test_a_hung_request_is_seen_before_it_ends(site: Site) -> None:
    """It is written as begun, with its customer and arm, and without a status."""
    site.move(1.0)
    hung = threading.Thread(target=site.get, args=("/hung?sleep=1.5",), kwargs={"x_user": "lin"})
    hung.start()
    line = site.lines(at_least=1, where=lambda line: line["path"] == "/hung")[0]
    assert hung.is_alive()
    assert (line["type"], line["arm"], line["served"], line["status"]) == ("start", "new", "new", None)
    assert (line["duration_ms"], line["bytes"]) == (None, None)
    hung.join()
    lines = site.lines(at_least=1, where=lambda line: line["path"] == "/hung" and line["type"] == "end")
    assert [one["id"] for one in lines] == [line["id"]]


def test_a_heartbeat_is_logged_in_no_arm(site: Site) -> None:
    """Telemetry can be proved to flow without any traffic; the services do not see it."""
    site.move(1.0)
    site.router.heartbeat()
    line = site.lines(at_least=1, where=lambda line: line["epoch"] == 1)[0]
    facts = (line["path"], line["status"], line["arm"], line["served"], line["customer"], line["attempts"])
    assert facts == ("/.unfelt/heartbeat", 204, "none", "none", None, 0)


def test_what_is_no_http_is_logged_in_no_arm(resting: Site) -> None:
    """A request that cannot be parsed is a line all the same."""
    connection = http.client.HTTPConnection("127.0.0.1", resting.port, timeout=5)
    connection.connect()
    connection.sock.sendall(b"NONSENSE\r\n\r\n")
    connection.sock.recv(100)
    connection.close()
    line = resting.lines(at_least=1, where=lambda line: line["status"] == 400)[0]
    assert (line["arm"], line["served"], line["customer"]) == ("none", "none", None)


@pytest.mark.slow
def test_rotation_loses_no_line(site: Site) -> None:
    """Under load, each request stands in exactly one of the files, and a finished file grows no more."""
    site.move(0.5)
    finished: list[tuple[Path, int]] = []

    def rotate() -> None:
        path = site.router.rotate()
        finished.append((path, path.stat().st_size))

    load = Load(site.port, rate=300)
    load.during(1.5, (0.4, rotate), (1.0, rotate))
    site.router.rotate()
    site.router.heartbeat()
    site.lines(at_least=1, where=lambda line: line["arm"] == "none")
    texts = [path.read_text() for path in site.directory.glob("access*.jsonl")]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    ids = [line["id"] for line in lines if line["path"] == "/"]
    assert (load.failures(), len(ids), len(set(ids))) == ([], len(load.seen), len(load.seen))
    assert [path.stat().st_size for path, _size in finished] == [size for _path, size in finished]
