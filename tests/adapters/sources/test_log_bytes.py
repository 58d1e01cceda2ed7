"""Whatever bytes a log holds, every line of it is in the account, and nothing but SourceError is raised."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import log_days
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.complete import SETTINGS
from unfelt.adapters.sources.logs.arms import form_of
from unfelt.adapters.sources.logs.files import take_files
from unfelt.adapters.sources.logs.form import Written
from unfelt.adapters.sources.logs.reading import take, wants_of

NAMES = sorted(log_days.STYLES)
GOOD = {name: list(log_days.lines(log_days.STYLES[name], log_days.day(6, seed=3))) for name in NAMES}
JUNK = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"",
            b"\0",
            b"\r",
            b"\xef\xbb\xbf",
            b"{",
            b'{"time": NaN}',
            b"#Fields:",
            b'""',
            b"\xf0\x9f",
            b"[[[[",
            b"null",
        ]
    ),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


def account(name: str, data: bytes, folder: Path, *, packed: bool = False):
    """The account of these bytes as a log of that style."""
    style = log_days.STYLES[name]
    path = folder / ("x.log.gz" if packed else "x.log")
    whole = style.head.encode() + data
    path.write_bytes(gzip.compress(whole) if packed else whole)
    connection = duckdb.connect()
    connection.execute(SETTINGS)
    form, taken = form_of(connection, str(path), Written(style.notation or ""), "old", folder, name=style.format)
    wants = wants_of(frozenset({"status", "path"}), style.uid, {})
    parsed = take(connection, form, taken, arm="old", into="log", wants=wants)
    rows = connection.execute("SELECT count(*), count(time) FROM log").fetchone()
    return parsed.lines, rows


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(st.tuples(st.booleans(), JUNK, st.integers(0, 200)), min_size=1, max_size=8),
    packed=st.booleans(),
)
def test_any_bytes_are_accounted_for(name, pieces, packed):
    """Good lines, lines with something put into them, and junk: read, unparsed and so on are all lines."""
    made = []
    for number, (is_good, junk, at) in enumerate(pieces):
        line = GOOD[name][number % 6].rstrip(b"\n")
        made.append(line[:at] + junk + line[at:] if is_good else junk)
    data = b"\n".join(made) + b"\n"
    with TemporaryDirectory() as folder:
        try:
            lines, rows = account(name, data, Path(folder), packed=packed)
        except SourceError:
            return
    there = lines.read + lines.unparsed + lines.undecodable + lines.duplicate + lines.besides
    assert there == lines.lines
    assert rows == (lines.read, lines.read)


@pytest.mark.parametrize("name", NAMES)
def test_good_lines_between_bad_ones_are_read(tmp_path, name):
    """Each good line counts; those cut off, and those of odd bytes alone, are told apart."""
    good = GOOD[name]
    data = b"".join([good[0], b"\xff\xfe\xfd\n", good[1], good[2][:15] + b"\n", *good[3:]])
    lines, _rows = account(name, data, tmp_path)
    assert (lines.read, lines.unparsed, lines.undecodable) == (5, 1, 1)


@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.rstrip(b"\n"),
        lambda text: b"\n\n" + text.replace(b"\n", b"\n\n"),
    ],
    ids=["BOM", "CRLF", "no last line end", "blank lines"],
)
def test_marks_and_line_ends_are_no_part_of_a_line(tmp_path, spelled):
    """The same six lines, however they are divided."""
    lines, _rows = account("combined", spelled(b"".join(GOOD["combined"])), tmp_path)
    assert (lines.lines, lines.read) == (6, 6)


def test_a_line_of_a_megabyte_is_one_line(tmp_path):
    """It is cut, and its neighbours are whole."""
    long = GOOD["combined"][0].replace(b"/", b"/" + b"a" * 3_000_000, 1)
    lines, _rows = account("combined", GOOD["combined"][1] + long + GOOD["combined"][2], tmp_path)
    assert (lines.lines, lines.read, lines.unparsed) == (3, 2, 1)


def test_half_of_a_packed_file_is_refused(tmp_path):
    """What is missing could be anything."""
    whole = gzip.compress(b"".join(GOOD["combined"]) * 500, mtime=0)
    (tmp_path / "x.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="cannot be unpacked to its end"):
        take_files(str(tmp_path / "x.gz"), arm="old", folder=tmp_path)


def test_empty_files_are_refused(tmp_path):
    """Nothing is judged from nothing."""
    (tmp_path / "x.log").write_bytes(b"")
    with pytest.raises(SourceError, match="holds no lines"):
        take_files(str(tmp_path / "x.log"), arm="old", folder=tmp_path)
    lines, rows = account("combined", b"\n\n", tmp_path)
    assert (lines.due, rows) == (0, (0, 0))


def test_the_fields_of_the_extended_format_may_change(tmp_path):
    """Each line is read by the directive above it."""
    path = tmp_path / "x.log"
    path.write_text(
        "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem sc-status\n2026-11-23 04:00:00 10.0.0.1 /a 200\n"
        "#Fields: time date sc-status c-ip cs-uri-stem\n04:00:01 2026-11-23 500 10.0.0.2 /b\n"
    )
    connection = duckdb.connect()
    connection.execute(SETTINGS)
    form, taken = form_of(connection, str(path), Written(), "old", tmp_path, name="auto")
    wants = wants_of(frozenset({"status", "path"}), "column:host", {})
    parsed = take(connection, form, taken, arm="old", into="log", wants=wants)
    rows = connection.execute("SELECT host, path, status FROM log ORDER BY time").fetchall()
    assert (rows, parsed.lines.besides) == ([("10.0.0.1", "/a", 200), ("10.0.0.2", "/b", 500)], 3)


def test_lines_that_end_as_on_windows_end_in_no_blank(tmp_path):
    """The last line of what is unpacked at once, too: a customer may stand at its end."""
    (tmp_path / "access.log.gz").write_bytes(gzip.compress(b"one u1\r\n\r\ntwo u1\r\n"))
    (tmp_path / "odd.log").write_bytes(b"\xff u1\r\ntwo u1\r\n")
    for name in ("access.log.gz", "odd.log"):
        taken = take_files(str(tmp_path / name), arm="old", folder=tmp_path)
        lines = taken.paths[0].read_text().split("\n")
        assert (taken.lines, [line.rpartition(" ")[2] for line in lines]) == (2, ["u1", "u1", ""])
