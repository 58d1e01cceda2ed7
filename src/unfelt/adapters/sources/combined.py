"""Access logs of nginx and Apache in the combined format, with `key=value` fields after it where needed."""

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.examples import MOST, masked
from unfelt.adapters.sources.hashing import pseudonym_of
from unfelt.adapters.sources.measures import Measures
from unfelt.conf.language import Message

_LINE = (
    r'^(\S+) (\S+) (.+?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(.*)$'
)
_GROUPS = ("host", "ident", "login", "stamp", "request", "status", "bytes", "referer", "agent", "rest")
FIELDS = ("time", "host", "login", "method", "path", "status", "bytes", "referer", "agent", "device")
"""What every combined line holds."""
_TABLET = "(contains(a, 'ipad') OR contains(a, 'tablet') OR (contains(a, 'android') AND NOT contains(a, 'mobi')))"
_PHONE = "(contains(a, 'mobi') OR contains(a, 'iphone'))"
_DESKTOP = "regexp_matches(a, 'windows|macintosh|x11|linux|cros')"
_DEVICE = f"""CASE WHEN {_TABLET} THEN 'tablet' WHEN {_PHONE} THEN 'phone' WHEN {_DESKTOP} THEN 'desktop'
    ELSE 'other' END"""
"""SQL: the device that the user agent `a`, in small letters, speaks of; as the router derives it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """How many lines there were, and what did not parse."""

    lines: int
    unparsed: int
    examples: tuple[str, ...]
    fields: frozenset[str]
    """The keys of the `key=value` fields that lines end with."""


def nginx_line(fields: Iterable[tuple[str, str]]) -> str:
    """The `log_format` that writes what is missing."""
    added = "".join(f" {name}={_nginx(name, origin)}" for name, origin in fields)
    return (
        'log_format unfelt \'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
        f'"$http_referer" "$http_user_agent"{added}\';'
    )


def apache_line(fields: Iterable[tuple[str, str]]) -> str:
    """The `LogFormat` that writes what is missing."""
    added = "".join(f" {_apache(name, origin)}" for name, origin in fields)
    return 'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-agent}i\\"' + added + '" unfelt'


def _nginx(name: str, origin: str) -> str:
    kind, _, what = origin.partition(":")
    if name == "rt":
        return "$request_time"
    prefix = {"cookie": "cookie_", "header": "http_", "response": "sent_http_", "query": "arg_"}.get(kind, "")
    return f"${prefix}{what.replace('-', '_').lower()}"


def _apache(name: str, origin: str) -> str:
    kind, _, what = origin.partition(":")
    if name == "rt":
        return "us=%D"
    letter = {"cookie": "C", "header": "i", "response": "o"}.get(kind, "e")
    return f"{name}=%{{{what}}}{letter}"


def take_logs(connection: DuckDBPyConnection, pattern: str, *, arm: str, into: str) -> Parsed:
    """The table `into` holds the requests of the files that match the pattern, as served by that arm."""
    files = sorted(glob.glob(str(Path(pattern).expanduser()), recursive=True))
    if not files:
        raise SourceError(
            Message("No file matches {pattern}, where the log of {arm} should be.", pattern=pattern, arm=arm)
        )
    names = sql.each(files, sql.text)
    groups = sql.each(_GROUPS, sql.text)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_raw AS SELECT line, regexp_extract(line, {sql.text(_LINE)}, [{groups}]) AS p
        FROM read_csv([{names}], columns = {{line: 'VARCHAR'}}, header = false, auto_detect = false,
            delim = '\x01', quote = '', escape = '', strict_mode = false, null_padding = true,
            ignore_errors = true)
        WHERE trim(line) <> '';
        CREATE OR REPLACE TEMP TABLE {into} AS SELECT * EXCLUDE (stamped, seconds, a), {_DEVICE} AS device,
            stamped - to_microseconds(round(coalesce(seconds, 0) * 1e6)::BIGINT) AS time
        FROM ({_fields(arm)}) WHERE stamped IS NOT NULL
    """)
    return _parsed(connection, into)


def _fields(arm: str) -> str:
    """SQL: the parts of each line."""
    request = "string_split(p.request, ' ')"
    return f"""
        SELECT timezone('UTC', try_strptime(p.stamp, '%d/%b/%Y:%H:%M:%S %z')) AS stamped, p.host AS host,
            p.login AS login, {sql.text(arm)} AS arm, {request}[1] AS method,
            string_split(coalesce({request}[2], ''), '?')[1] AS path, try_cast(p.status AS INTEGER) AS status,
            try_cast(p.bytes AS BIGINT) AS bytes, p.referer AS referer, p.agent AS agent, p.rest AS rest,
            lower(coalesce(p.agent, '')) AS a,
            try_cast({value_of("rt")} AS DOUBLE) AS seconds,
            coalesce(try_cast({value_of("rt")} AS DOUBLE) * 1000, try_cast({value_of("us")} AS DOUBLE) / 1000)
                AS duration_ms
        FROM w_raw"""


def value_of(key: str) -> str:
    """SQL: the value of a `key=value` field after the combined format; NULL where there is none."""
    pattern = rf"(?:^|\s){key}=(?:\"([^\"]*)\"|(\S+))"
    rest = "rest" if key not in ("rt", "us") else "p.rest"
    one, two = (f"regexp_extract({rest}, {sql.text(pattern)}, {group})" for group in (1, 2))
    return f"nullif(nullif({one} || {two}, ''), '-')"


def _parsed(connection: DuckDBPyConnection, into: str) -> Parsed:
    counts = connection.execute(f"SELECT (SELECT count(*) FROM w_raw), (SELECT count(*) FROM {into})").fetchone()
    lines, good = counts or (0, 0)
    rows = connection.execute(f"""
        SELECT line FROM w_raw WHERE try_strptime(p.stamp, '%d/%b/%Y:%H:%M:%S %z') IS NULL LIMIT {MOST}
    """).fetchall()
    keys = connection.execute(f"""
        SELECT DISTINCT unnest(regexp_extract_all(rest, '(?:^|\\s)([a-z][a-z0-9_-]*)=', 1)) FROM {into}
    """).fetchall()
    return Parsed(lines, lines - good, tuple(masked(row[0]) for row in rows), frozenset(row[0] for row in keys))


def check_provided(measures: Measures, parsed: Parsed, *, customer: str, columns: dict[str, str]) -> None:
    """The log holds what the plan asks for, or SourceError with the lines to add to nginx and Apache."""
    wanted: list[tuple[str, str]] = []
    if not customer.startswith("column:"):
        wanted.append(("customer", customer))
    needed = measures.needed()
    if "duration_ms" in needed:
        wanted.append(("rt", ""))
    wanted += [(name, origin) for name, origin in columns.items() if name in needed and name not in FIELDS]
    missing = [
        name for name, _ in wanted if name not in parsed.fields and not (name == "rt" and "us" in parsed.fields)
    ]
    if missing:
        raise SourceError(
            Message(
                "Combined access logs do not hold {missing}, which the plan needs. Log it from now on, in nginx "
                "with: {nginx} or in Apache with: {apache} Then judge the new log.",
                missing=", ".join("duration_ms" if name == "rt" else name for name in missing),
                nginx=nginx_line(wanted),
                apache=apache_line(wanted),
            )
        )


def take_combined(
    connection: DuckDBPyConnection, tables: Iterable[str], *, customer: str, columns: dict[str, str], secret: bytes
) -> int:
    """`w_experience` holds the requests of both arms; how many name no customer."""
    who = sql.name(customer.removeprefix("column:")) if customer.startswith("column:") else value_of("customer")
    added = sql.each(
        [name for name in columns if name not in FIELDS],
        lambda name: f", {value_of(name)} AS {sql.name(name)}",
        "",
    )
    union = sql.each(tables, lambda table: f"SELECT *, {who} AS who {added} FROM {table}", " UNION ALL ")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE w_both AS {union}")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_experience AS
        SELECT * EXCLUDE (who, rest, host, login), {pseudonym_of("who", secret)} AS customer FROM w_both
        WHERE who IS NOT NULL
    """)
    nobody = connection.execute("SELECT count(*) - count(who) FROM w_both").fetchone()
    connection.execute("DROP TABLE w_both")
    return nobody[0] if nobody else 0


class CombinedLog:
    """The form of recorded logs that is registered as `combined`."""

    take = staticmethod(take_logs)
    check = staticmethod(check_provided)
    gather = staticmethod(take_combined)
