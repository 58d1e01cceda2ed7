"""Every format of recorded logs is read to the tallies of an independent reference, customer by customer."""

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
