"""Every format of recorded logs is read to the tallies of an independent reference, customer by customer."""

import csv
import gzip
import io
from datetime import UTC, timedelta
from pathlib import Path

import duckdb
import log_days
import pytest

from unfelt.adapters.sources.complete import SETTINGS
from unfelt.adapters.sources.logs.arms import form_of
from unfelt.adapters.sources.logs.form import Written
from unfelt.adapters.sources.logs.reading import take, wants_of


def read(style: log_days.Style, pattern: str, folder: Path, *, name: str = "auto"):
    """The customers of the log as they are read, and the account of its lines."""
    connection = duckdb.connect()
    connection.execute(SETTINGS)
    needed = frozenset({"status", "path", "device"} | ({"duration_ms"} if style.took else set()))
    if style.format in ("common", "nginx", "haproxy"):
        needed -= {"device"}
    wants = wants_of(needed, style.uid, {})
    written = Written(style.notation or "")
    form, taken = form_of(connection, pattern, written, "old", folder, name=name)
    parsed = take(connection, form, taken, arm="old", into="log", wants=wants)
    who = "host" if style.uid == "column:host" else "who"
    slow = "count(*) FILTER (WHERE duration_ms > 800)" if style.took else "0"
    rows = connection.execute(f"""
        SELECT {who}, count(*), count(*) FILTER (WHERE status >= 500), {slow} FROM log GROUP BY 1
    """).fetchall()
    paths = {row[0] for row in connection.execute("SELECT DISTINCT path FROM log").fetchall()}
    span = connection.execute("SELECT min(time), max(time) FROM log").fetchone()
    return form.name, {row[0]: row[1:] for row in rows}, parsed, paths, span


@pytest.mark.parametrize("name", log_days.STYLES)
def test_a_day_is_read_to_the_customer(tmp_path, name):
    """IPv6, quotes, odd bytes, packed and copied files: the same customers, failures and waits; copies once."""
    style = log_days.STYLES[name]
    requests = log_days.day(3000, seed=len(name))
    pattern, copied = log_days.write(style, requests, tmp_path)
    folder = tmp_path / "copies"
    folder.mkdir()
    found, customers, parsed, paths, span = read(
        style, pattern, folder, name=style.format if style.notation else "auto"
    )
    heads = 3 * style.head.count("\n")
    assert (found, parsed.lines.unparsed, parsed.lines.undecodable) == (style.format, 0, 0)
    assert customers == log_days.reference(style, requests)
    assert (parsed.lines.lines, parsed.lines.duplicate, parsed.lines.besides, parsed.lines.read) == (
        3000 + copied + heads,
        copied,
        heads,
        3000,
    )
    assert {"/pay", "/支付"} <= paths
    assert len(paths) == len(log_days.PATHS)
    began, ended = (moment.replace(tzinfo=UTC) for moment in span)
    assert log_days.BEGAN - timedelta(seconds=2) <= began <= ended < log_days.BEGAN + timedelta(hours=1)


@pytest.mark.nightly
@pytest.mark.parametrize("name", log_days.STYLES)
def test_a_long_day_is_read_to_the_customer(tmp_path, name):
    """200,000 lines, as above."""
    style = log_days.STYLES[name]
    requests = log_days.day(200_000, seed=len(name), customers=5000)
    pattern, copied = log_days.write(style, requests, tmp_path)
    folder = tmp_path / "copies"
    folder.mkdir()
    given = style.format if style.notation else "auto"
    _found, customers, parsed, _paths, _span = read(style, pattern, folder, name=given)
    assert customers == log_days.reference(style, requests)
    assert (parsed.lines.duplicate, parsed.lines.read) == (copied, 200_000)


def write_csv(requests, folder):
    """Three files of rows under a header, one packed, one with the end of another; their pattern."""
    out = io.StringIO()
    rows = csv.writer(out)
    heads = ("time", "uid", "status", "duration_ms", "path", "agent")
    rows.writerow(heads)
    texts = [log_days.encoded(out.getvalue())]
    for one in requests:
        out.seek(0)
        out.truncate()
        rows.writerow((one.began.isoformat(), f"00{one.uid[1:]}", one.status, one.ms, one.path, one.agent))
        texts.append(log_days.encoded(out.getvalue()))
    head, texts = texts[0], texts[1:]
    third = len(texts) // 3
    (folder / "day.csv.2.gz").write_bytes(gzip.compress(head + b"".join(texts[:third])))
    (folder / "day.csv.1").write_bytes(head + b"".join(texts[third - COPIED : 2 * third]))
    (folder / "day.csv").write_bytes(head + b"".join(texts[2 * third :]))
    return str(folder / "day.csv*")


def write_parquet(requests, folder):
    """The same as Parquet; text is UTF-8 there."""
    third = len(requests) // 3
    connection = duckdb.connect()
    for name, part in (
        ("a", requests[:third]),
        ("b", requests[third - COPIED : 2 * third]),
        ("c", requests[2 * third :]),
    ):
        rows = [
            (one.began, f"00{one.uid[1:]}", one.status, one.ms, one.path.replace("\udce9", "é"), one.agent)
            for one in part
        ]
        connection.execute("""CREATE OR REPLACE TABLE t (
            time TIMESTAMPTZ, uid VARCHAR, status SMALLINT, duration_ms FLOAT, path VARCHAR, agent VARCHAR)""")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"COPY t TO '{folder / name}.parquet'")
    return str(folder / "*.parquet")


COPIED = 20


@pytest.mark.parametrize(("name", "write"), [("csv", write_csv), ("parquet", write_parquet)])
def test_a_day_of_rows_is_read_to_the_customer(tmp_path, name, write):
    """Customers keep their zeros, rows that two files hold count once, odd bytes stay in their rows."""
    requests = log_days.day(3000, seed=5)
    pattern = write(requests, tmp_path)
    connection = duckdb.connect()
    connection.execute(SETTINGS)
    wants = wants_of(frozenset({"status", "path", "device", "duration_ms"}), "column:uid", {})
    form, _taken = form_of(connection, pattern, Written(), "old", tmp_path, name="auto")
    folder = tmp_path / "copies"
    folder.mkdir()
    parsed = form.take(connection, pattern, arm="old", into="log", wants=wants, folder=folder)
    assert (form.name, parsed.lines.duplicate, parsed.lines.read, parsed.lines.lines) == (
        name,
        COPIED,
        3000,
        3000 + COPIED,
    )
    who = next(iter(wants.added))
    found = connection.execute(f"""
        SELECT {who}, count(*), count(*) FILTER (WHERE status >= 500), count(*) FILTER (WHERE duration_ms > 800)
        FROM log GROUP BY 1
    """).fetchall()
    style = log_days.STYLES["json"]
    assert {row[0]: row[1:] for row in found} == {
        f"00{uid[1:]}": counts for uid, counts in log_days.reference(style, requests).items()
    }
    assert connection.execute("SELECT count(DISTINCT path) FROM log").fetchone() == (len(log_days.PATHS),)
    began, ended = connection.execute("SELECT min(time), max(time) FROM log").fetchone()
    assert (began, ended) == tuple(edge(one.began for one in requests).replace(tzinfo=None) for edge in (min, max))
