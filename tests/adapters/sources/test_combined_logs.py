"""Access logs of nginx and Apache."""

from datetime import timedelta
from pathlib import Path

import duckdb
import histories
import pytest

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.logs.files import take_files
from unfelt.adapters.sources.logs.form import Wants, Written
from unfelt.adapters.sources.logs.reading import take
from unfelt.adapters.sources.logs.servers import combined
from unfelt.adapters.sources.replay import Replay

REAL = Path(__file__).parents[4] / "shared" / "data" / "logs" / "apache_combined.log"
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 9_1 like Mac OS X) Mobile/13B143"
SECRET = b"s" * 32


def line(second: int, who: str, *, status: int = 200, agent: str = AGENT, rest: str = "") -> str:
    clock = f"23/Nov/2026:12:00:{second:02d} +0800"
    return f'10.0.0.{who} - - [{clock}] "GET /pay?x=1 HTTP/1.1" {status} 12 "-" "{agent}"{rest}\n'


def judging(old: Path, new: Path, **experience):
    given = {
        "customer": "column:host",
        "observe": "0s",
        "later": [],
        "segments": [{"by": "device", "values": ["phone"]}],
        "metrics": [{"id": "failed", "bad": "status >= 500 and path = '/pay'", "margin": "1%"}],
        "sources": {"requests": {"kind": "access_log", "format": "combined", "old": str(old), "new": str(new)}},
    }
    return histories.plan(**given | experience)


def judged(change, **given):
    with Replay(change, [], share=0.5, tick=timedelta(seconds=60), secret=SECRET, **given) as replay:
        return list(replay.batches())


@pytest.mark.skipif(not REAL.exists(), reason="no ../shared/data/logs/apache_combined.log beside the checkout")
def test_a_real_apache_log_is_read_to_its_last_line(tmp_path):
    """The counts by status of 10,000 real lines come out as they are known."""
    connection = duckdb.connect()
    taken = take_files(str(REAL), arm="old", folder=tmp_path)
    wants = Wants(frozenset({"time", "status"}), {})
    parsed = take(connection, combined(Written()), taken, arm="old", into="log", wants=wants)
    counts = dict(connection.execute("SELECT status, count(*) FROM log GROUP BY status").fetchall())
    assert (parsed.lines.lines, parsed.lines.read, parsed.examples) == (10000, 10000, ())
    assert counts == {200: 9126, 206: 45, 301: 164, 304: 445, 403: 2, 404: 213, 416: 2, 500: 3}


def test_one_log_per_arm_is_judged(tmp_path):
    """Customers by address, bad by status, the device from the user agent, times with their zone."""
    old, new = tmp_path / "old.log", tmp_path / "new.log"
    old.write_text(line(1, "1") + line(2, "2", agent="curl/8") + "nonsense 42\n")
    new.write_text(line(3, "3", status=500) + line(4, "4"))
    batches = judged(judging(old, new))
    told = [one for batch in batches for one in batch.tallies if one.metric == "failed"]
    tallies = {(one.arm, one.segment, one.n, one.bad) for one in told}
    first, last = batches
    assert {
        ("old", None, 1, 0),
        ("new", None, 2, 1),
        ("old", "device=phone", 1, 0),
        ("old", "device=other", 1, 0),
        ("new", "device=phone", 2, 1),
    } == tallies
    assert (first.intake.lines, first.intake.unparsed, first.intake.examples) == (2, 1, ("xxxxxxxx 00",))
    assert last.until.isoformat() == "2026-11-23T04:00:04+00:00"


def test_metrics_that_need_durations_are_refused_with_the_line_to_add(tmp_path):
    """A combined log holds neither cookie nor duration; the error has the exact log_format and LogFormat."""
    log = tmp_path / "a.log"
    log.write_text(line(1, "1"))
    metrics = [{"id": "slow", "bad": "duration_ms > 800", "margin": "1%"}]
    with pytest.raises(SourceError) as caught:
        judged(judging(log, log, customer="cookie:uid", metrics=metrics))
    assert str(caught.value) == (
        "Access logs of the format combined do not hold customer, duration_ms, which the plan needs. Log it from "
        'now on, in nginx with: log_format unfelt \'$remote_addr - $remote_user [$time_local] "$request" $status '
        "$body_bytes_sent "
        '"$http_referer" "$http_user_agent" customer=$cookie_uid rt=$request_time\'; '
        "or in Apache with: "
        'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-agent}i\\" customer=%{uid}C us=%D" '
        "unfelt Then judge the new log."
    )


@pytest.mark.parametrize("took", ["rt=0.900", "us=900000"])
def test_added_fields_bring_customers_and_durations(tmp_path, took):
    """With the added fields, cookies and durations are there; nginx's time is the end of the request."""
    log = tmp_path / "a.log"
    log.write_text(line(1, "1", rest=f" customer=c7 {took}") + line(2, "1", rest=f" customer=- {took}"))
    metrics = [{"id": "slow", "bad": "duration_ms > 800", "margin": "1%"}]
    last = judged(judging(log, log, customer="cookie:uid", metrics=metrics))[-1]
    assert (last.customers, last.crossed, last.excluded["no_customer"]) == (1, 1, 2)
    assert sum(one.bad for one in last.tallies if one.segment is None and one.metric == "slow") == 1


def test_a_missing_log_is_an_error(tmp_path):
    """A pattern that matches nothing is named."""
    with pytest.raises(SourceError, match="where the log of old should be"):
        judged(judging(tmp_path / "none-*.log", tmp_path / "none.log"))
