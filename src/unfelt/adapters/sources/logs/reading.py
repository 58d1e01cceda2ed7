"""The logs of one arm: lines become the rows of its table, and an account of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.account import Lines
from unfelt.adapters.sources.copies import drop_repeated, drop_shared, goes_back
from unfelt.adapters.sources.examples import MOST, masked
from unfelt.adapters.sources.logs.detecting import nearest
from unfelt.adapters.sources.logs.files import LONGEST, ODD, Taken, count_blank
from unfelt.adapters.sources.logs.form import Columns, RecordedForm, Sample, Wants
from unfelt.adapters.sources.logs.pieces import COLUMNS, DEVICE
from unfelt.conf.language import Message

HEAD = 400
"""So many lines of each file are looked at to know what they hold."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of the lines of one arm, up to three that did not parse, and what those look like."""

    lines: Lines
    examples: tuple[str, ...] = ()
    near: Message | None = None


def sample_of(connection: DuckDBPyConnection, taken: Taken) -> Sample:
    """What says how the lines are written."""
    heads = [line for path in taken.paths for line in _head(path)]
    if not any(line.startswith("#") for line in heads):
        return Sample(heads)
    rows = connection.execute(f"SELECT DISTINCT line FROM ({_lines(taken.paths)}) WHERE starts_with(line, '#')")
    return Sample(heads, tuple(row[0] for row in rows.fetchall()))


def _head(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        return [line.rstrip("\n")[:LONGEST] for line in islice(file, HEAD)]


def take(
    connection: DuckDBPyConnection, form: RecordedForm, taken: Taken, *, arm: str, into: str, wants: Wants
) -> Parsed:
    """The table `into` holds the requests of these files, as served by that arm."""
    sample = sample_of(connection, taken)
    columns = form.columns(sample, wants)
    _check(form, columns, wants)
    raw, duplicate = _once(connection, taken, is_numbered="PARTITION BY file" in "".join(columns.stages))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {_rows(raw, columns, wants, arm)}")
    if goes_back(connection, into, "time"):
        rows = _rows(raw, columns, wants, arm, kept=", line AS w_line")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {rows}")
        duplicate += drop_repeated(connection, into, row="w_line", time="time")
        connection.execute(f"ALTER TABLE {into} DROP COLUMN w_line")
    parsed = _account(connection, form, taken, into, duplicate)
    connection.execute("DROP TABLE IF EXISTS w_raw")
    return parsed


def _lines(paths: Sequence[Path]) -> str:
    """SQL: every line of the files, with the file it is in."""
    names = sql.each([str(path) for path in paths], sql.text)
    several = len(paths) > 1
    file = "filename" if several else "0"
    return f"""SELECT line, {file} AS file FROM read_csv([{names}], columns = {{line: 'VARCHAR'}}, header = false,
        auto_detect = false, delim = '\x01', quote = '', escape = '', strict_mode = false, null_padding = true,
        max_line_size = {2 * LONGEST}, filename = {several}) WHERE line <> ''"""


def _once(connection: DuckDBPyConnection, taken: Taken, *, is_numbered: bool) -> tuple[str, int]:
    """SQL: the lines, those that several files share only once; how many were left out.

    A line may stand in one file as often as it likes.
    """
    if len(taken.paths) == 1 and not is_numbered:
        return _lines(taken.paths), 0
    number = ", row_number() OVER () AS number" if is_numbered else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE w_raw AS SELECT * {number} FROM ({_lines(taken.paths)})")
    if len(taken.paths) == 1:
        return "FROM w_raw", 0
    return "FROM w_raw", drop_shared(
        connection, "w_raw", row="line", file="file", where="NOT starts_with(line, '#')"
    )


def _rows(raw: str, columns: Columns, wants: Wants, arm: str, *, kept: str = "") -> str:
    """SQL: a row for each line; one that does not parse is in `unread`. kept: what else stays of it."""
    staged = raw
    for stage in columns.stages:
        staged = f"SELECT *, {stage} FROM ({staged})"
    kinds = {name: kind for name, kind in COLUMNS.items() if name in wants.columns} | dict.fromkeys(
        wants.added, "VARCHAR"
    )
    told = sql.each(
        kinds.items(), lambda one: f"{columns.values.get(one[0], f'NULL::{one[1]}')} AS {sql.name(one[0])}, ", ""
    )
    device = f", {DEVICE} AS device" if "device" in wants.columns else ""
    ended = columns.ends and "duration_ms" in columns.values
    began = (
        " REPLACE (time - to_microseconds(coalesce(round(least(duration_ms, 1e12) * 1000), 0)::BIGINT) AS time)"
        if ended
        else ""
    )
    return f"""
        SELECT * {began} {device}, {sql.text(arm)} AS arm FROM (
            SELECT {told}
                CASE WHEN is_besides OR is_read AND time IS NOT NULL THEN NULL ELSE line END AS unread,
                is_besides {kept}
            FROM (SELECT *, {columns.is_match} AS is_read, {columns.is_besides} AS is_besides FROM ({staged})))"""


def _check(form: RecordedForm, columns: Columns, wants: Wants) -> None:
    """The log holds what the plan asks for, or SourceError with what to configure."""
    wanted = {name: "" for name in sorted(wants.columns - {"device", "time"}) if name in COLUMNS} | dict(
        wants.added
    )
    if "device" in wants.columns:
        wanted["agent"] = ""
    missing = [name for name in wanted if name not in columns.values]
    if "time" not in columns.values or ("status" not in columns.values and "status" in wants.columns):
        return  # What lines are no requests at all is said with the lines.
    if missing:
        origins = {"agent": "header:user-agent", "referer": "header:referer"} | dict(wants.added)
        asked = {
            name: origins.get(name, "")
            for name in wanted
            if name == "duration_ms" or name in wants.added or (name in origins and name in missing)
        }
        ordered = {name: asked[name] for name in sorted(asked, key=lambda name: name != "who")}
        raise SourceError(
            Message(
                "Access logs of the format {format} do not hold {missing}, which the plan needs. {advice}",
                format=form.name,
                missing=", ".join(
                    "customer" if name == "who" else name for name in sorted(missing, key=lambda one: one != "who")
                ),
                advice=form.advice(ordered) or "",
            )
        )


def _account(
    connection: DuckDBPyConnection, form: RecordedForm, taken: Taken, into: str, duplicate: int
) -> Parsed:
    found = connection.execute(f"""
        SELECT count(*), count(unread), count(*) FILTER (WHERE is_besides),
            count(*) FILTER (WHERE unread IS NOT NULL AND regexp_matches(unread, '{ODD}')) FROM {into}
    """).fetchone()
    there, unread, besides, odd = found or (0, 0, 0, 0)
    vanished = taken.lines - duplicate - there
    blank = sum(map(count_blank, taken.paths)) if vanished else 0
    lines, vanished = taken.lines - blank, max(vanished - blank, 0)
    rows: list[str] = []
    if unread:
        rows = [
            row[0]
            for row in connection.execute(
                f"SELECT unread FROM {into} WHERE unread IS NOT NULL LIMIT 50"
            ).fetchall()
        ]
    if unread or besides:
        connection.execute(f"DELETE FROM {into} WHERE unread IS NOT NULL OR is_besides")
    connection.execute(f"ALTER TABLE {into} DROP COLUMN unread; ALTER TABLE {into} DROP COLUMN is_besides")
    counted = Lines(
        lines=lines,
        read=there - unread - besides,
        unparsed=unread - odd,
        undecodable=odd + vanished,
        duplicate=duplicate,
        besides=besides,
    )
    return Parsed(counted, tuple(masked(row) for row in rows[:MOST]), nearest(rows, form) if rows else None)


def check_some(parsed: Mapping[str, Parsed], form: str) -> None:
    """SourceError where no line of an arm is a request."""
    empty = {arm: one for arm, one in parsed.items() if not one.lines.read}
    if not empty:
        return
    due = sum(one.lines.due for one in empty.values())
    examples = [example for one in empty.values() for example in one.examples]
    if not due:
        raise SourceError(Message("The log of {arm} holds no requests.", arm=", ".join(empty)))
    raise SourceError(
        Message(
            "{unread} of {lines} lines of {arm} do not parse as {format}, such as {example} {near}",
            unread=sum(one.lines.unparsed + one.lines.undecodable for one in empty.values()),
            lines=due,
            arm=", ".join(empty),
            format=form,
            example=examples[0] if examples else "",
            near=next((one.near for one in empty.values() if one.near), None)
            or Message(
                "Say how a line is written: format and notation or keys; formats are documented under judge."
            ),
        )
    )


def wants_of(needed: frozenset[str], customer: str, columns: Mapping[str, str]) -> Wants:
    """What the plan asks: columns that metrics and segments read, and who the customer is."""
    standard = frozenset(name for name in needed if name in COLUMNS or name == "device")
    added = {name: origin for name, origin in columns.items() if name in needed and name not in standard}
    added |= {name: f"column:{name}" for name in needed - standard - added.keys()}
    own = customer.removeprefix("column:")
    if customer.startswith("column:") and own in COLUMNS:
        return Wants(_with_agent(standard | {own, "time"}), added)
    return Wants(_with_agent(standard | {"time"}), {"who": customer} | added)


def _with_agent(columns: frozenset[str]) -> frozenset[str]:
    return columns | {"agent"} if "device" in columns else columns
