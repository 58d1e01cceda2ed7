"""What a line of text is made of: literals, and fields of which each has a kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a line.

    name: what metrics may call it, or where it comes from as plans say it (`cookie:uid`, `header:x-region`).
    kind: a name in KINDS.
    """

    name: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Raw:
    """RE2 of what lines hold there and nobody asks for."""

    pattern: str


Piece = str | Field | Raw


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of a kind are spelled and what they tell.

    pattern: RE2 of such a value; empty where it ends where the next literal begins. tells: by column of the table,
    SQL with `{}` for the value, in which `-` and nothing are NULL.
    """

    pattern: str = ""
    tells: Mapping[str, str] = field(default_factory=dict)


def _after_1970(factor: str) -> str:
    seconds = "try_cast({} AS DOUBLE)"
    return (
        f"CASE WHEN {seconds} * {factor} BETWEEN 0 AND 1e16 "
        f"THEN make_timestamp(round({seconds} * {factor})::BIGINT) END"
    )


_CLF = "%d/%b/%Y:%H:%M:%S"
_CLF_TIME = f"coalesce(timezone('UTC', try_strptime({{}}, '{_CLF} %z')), try_strptime({{}}, '{_CLF}'))"
"""SQL: the time in UTC; one without a zone is taken as UTC."""


_PATH = "regexp_extract({}, '^[^?#]*')"
_ADDRESS = "trim(left({}, length({}) - strpos(reverse({}), ':')), '[]')"
"""SQL: what stands before the port."""
_NUMBER = r"[-\d.]*"
KINDS: Mapping[str, Kind] = {
    "text": Kind("", {}),
    "ident": Kind("[^ .:]*", {}),
    "clf": Kind(r"[^\]\"]*", {"time": _CLF_TIME}),
    "iso": Kind(
        "",
        {
            "time": "CASE WHEN ends_with({}, 'Z') THEN try_cast({} AS TIMESTAMP) "
            "ELSE timezone('UTC', try_cast({} AS TIMESTAMPTZ)) END"
        },
    ),
    "epoch": Kind("", {"time": _after_1970("1e6")}),
    "epoch_ms": Kind("", {"time": _after_1970("1e3")}),
    "epoch_us": Kind("", {"time": _after_1970("1e0")}),
    "haproxy": Kind(r"[^\]]*", {"time": "try_strptime({}, '%d/%b/%Y:%H:%M:%S.%g')"}),
    "request": Kind(
        "",
        {
            "method": "nullif(split_part({}, ' ', 1), '')",
            "path": "regexp_extract({}, '^[^ ]* ([^ ?#]*)', 1)",
        },
    ),
    "absolute": Kind(
        "",
        {
            "method": "nullif(split_part({}, ' ', 1), '')",
            "path": "coalesce(nullif(regexp_extract({}, "
            "'^[^ ]* (?:[^ :/?#]*://[^ /?#]*)?([^ ?#]*)', 1), ''), '/')",
        },
    ),
    "first": Kind("", {"host": "trim(string_split({}, ',')[1])"}),
    "method": Kind("", {"method": "{}"}),
    "path": Kind("", {"path": _PATH}),
    "status": Kind(r"[-\d]+", {"status": "nullif(greatest(try_cast({} AS INTEGER), 0), 0)"}),
    "bytes": Kind(r"[-\d]+", {"bytes": "try_cast({} AS BIGINT)"}),
    "s": Kind(_NUMBER, {"duration_ms": "try_cast({} AS DOUBLE) * 1000"}),
    "ms": Kind(_NUMBER, {"duration_ms": "try_cast({} AS DOUBLE)"}),
    "us": Kind(_NUMBER, {"duration_ms": "try_cast({} AS DOUBLE) / 1000"}),
    "ns": Kind(_NUMBER, {"duration_ms": "try_cast({} AS DOUBLE) / 1000000"}),
    "host": Kind("", {"host": "{}"}),
    "address": Kind(r"[-\da-f.:\[\]]*", {"host": _ADDRESS}),
    "login": Kind("", {"login": "{}"}),
    "referer": Kind("", {"referer": "{}"}),
    "agent": Kind("", {"agent": "{}"}),
    "rest": Kind("", {}),
}
"""Kinds by name. A status below 1 is none: the request had no answer."""
FIRM = frozenset({"host"})
"""Kinds of which a value never holds what else ends it."""
COLUMNS = {
    "time": "TIMESTAMP",
    "host": "VARCHAR",
    "login": "VARCHAR",
    "method": "VARCHAR",
    "path": "VARCHAR",
    "status": "INTEGER",
    "bytes": "BIGINT",
    "duration_ms": "DOUBLE",
    "referer": "VARCHAR",
    "agent": "VARCHAR",
}
"""What the table of an arm holds, and `device`, which is derived from the agent."""
_AGENT = "lower(coalesce(agent, ''))"
_TABLET = f"""(contains({_AGENT}, 'ipad') OR contains({_AGENT}, 'tablet')
    OR (contains({_AGENT}, 'android') AND NOT contains({_AGENT}, 'mobi')))"""
_PHONE = f"(contains({_AGENT}, 'mobi') OR contains({_AGENT}, 'iphone'))"
_DESKTOP = f"regexp_matches({_AGENT}, 'windows|macintosh|x11|linux|cros')"
DEVICE = f"""CASE WHEN {_TABLET} THEN 'tablet' WHEN {_PHONE} THEN 'phone' WHEN {_DESKTOP} THEN 'desktop'
    ELSE 'other' END"""
"""SQL: the device that the user agent speaks of; as the router derives it."""
