"""Customers without an id, from the first minute to after the end, with a real router and real readers."""

import threading
import time
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from living import Library, began, library, until, visited

pytestmark = pytest.mark.slow


def visit(place: Library, path: str) -> None:
    """One request of somebody who keeps no cookie."""
    connection = HTTPConnection(place.listen, timeout=10)
    connection.request("GET", path, headers={"User-Agent": "curl/8"})
    connection.getresponse().read()
    connection.close()


def keep_visiting(place: Library, ended: threading.Event) -> None:
    """Such requests come until the event."""
    number = 0
    while not ended.is_set():
        number += 1
        try:
            visit(place, f"/books/{number}")
        except (OSError, HTTPException):
            time.sleep(0.5)
        time.sleep(0.03)


def test_requests_without_an_id_are_warned_of_counted_and_follow_at_the_end(tmp_path: Path):
    """Warned of while the baseline lasts; one table in the report that adds up; on new once it is done."""
    ended = threading.Event()
    with library(tmp_path / "home", baseline="4s") as place, visited(place) as (guard, _record):
        strangers = threading.Thread(target=keep_visiting, args=(place, ended))
        strangers.start()
        try:
            warned = "of the requests ("
            until(
                lambda: warned in guard.err.read_text() and "/books/{n} (" in guard.err.read_text(), what="warned"
            )
            assert guard.end(within=200) == 0
        finally:
            ended.set()
            strangers.join()
        report = guard.report()
        kinds = {row["kind"]: row["requests"] for row in report["requests"]}
        assert set(kinds) >= {"baseline", "old", "new", "anonymous"}
        assert sum(row["part"] for row in report["requests"]) == pytest.approx(1)
        assert any("carry no id" in said for said in report["uncounted"])
        last = datetime.fromisoformat(guard.looks()[-2]["at"]).timestamp() - 1
        logged = [one for one in place.log() if one["type"] == "end" and one["path"] != "/.unfelt/heartbeat"]
        seen = sum(began(one) < last for one in logged)
        assert seen <= sum(kinds.values()) <= len(logged)
        visit(place, "/after")
        until(lambda: any(one["path"] == "/after" for one in place.log()), what="the log")
        after = next(one for one in place.log() if one["path"] == "/after")
        assert (after["arm"], after["served"], after["customer"]) == ("none", "new", None)
