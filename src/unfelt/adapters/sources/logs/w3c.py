"""The extended format of the W3C, as IIS and CloudFront write it: `#Fields` says what follows, and may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.logs.form import Columns, RecordedForm, Sample, Wants, Written
from unfelt.adapters.sources.logs.pieces import KINDS
from unfelt.conf.language import Message

_KINDS = {
    "c-ip": ("host", "host"),
    "cs-username": ("login", "login"),
    "cs-method": ("method", "method"),
    "cs-uri-stem": ("path", "path"),
    "cs-uri": ("path", "path"),
    "sc-status": ("status", "status"),
    "sc-bytes": ("bytes", "bytes"),
    "cs(referer)": ("referer", "referer"),
    "cs(user-agent)": ("agent", "agent"),
}
"""By field: the column that it tells, and its kind."""
_HEADERS = {"cs": "header", "sc": "response"}


@dataclass(frozen=True)
class Extended:
    """Lines of values under `#Fields`; times are in UTC. IIS counts milliseconds, CloudFront seconds."""

    name: str = "w3c"

    def knows(self, line: str) -> bool:
        """A directive: lines of values alone are of no format."""
        return line.lower().startswith(("#fields:", "#version:", "#software:", "#date:"))

    def columns(self, sample: Sample, wants: Wants) -> Columns:
        """By the directive that stands above each line."""
        headers = sorted({one for one in sample.directives if one.lower().startswith("#fields:")})
        named = [(text, _names(text)) for text in headers]
        header = "CASE WHEN starts_with(lower(line), '#fields:') THEN line END"
        above = f"last_value({header} IGNORE NULLS) OVER (PARTITION BY file ORDER BY number)"
        between = "chr(9)" if any("\t" in line for line in sample.lines if not line.startswith("#")) else "' '"
        stages = (
            f"{above if len(named) > 1 else sql.text(headers[0]) if headers else 'NULL'} AS header",
            f"string_split(line, {between}) AS v",
        )
        told = [(text, _told(names, wants), len(names)) for text, names in named]
        columns = sorted({column for _text, found, _n in told for column in found})
        values = {
            column: _by_header([(text, found[column]) for text, found, _n in told if column in found])
            for column in columns
        }
        right = " OR ".join(f"(header = {sql.text(text)} AND len(v) = {n})" for text, _found, n in told) or "false"
        return Columns(stages, values, f"coalesce({right}, false)", "starts_with(line, '#')", ends=True)

    def advice(self, missing: Mapping[str, str]) -> Message | None:
        """The fields to choose."""
        names = {"duration_ms": "time-taken", "who": "cs(Cookie)"}
        return Message(
            "Choose these fields too in what the server logs: {fields}. Then judge the new log.",
            fields=", ".join(names.get(name, name) for name in missing),
        )


def _names(header: str) -> Sequence[str]:
    return header.partition(":")[2].lower().split()


def _by_header(spelled: Sequence[tuple[str, str]]) -> str:
    if len({one for _text, one in spelled}) == 1 and len(spelled) == 1:
        return spelled[0][1]
    cases = " ".join(f"WHEN {sql.text(text)} THEN {one}" for text, one in spelled)
    return f"CASE header {cases} END"


def _told(names: Sequence[str], wants: Wants) -> dict[str, str]:
    places = {name: f"nullif(nullif(v[{place}], '-'), '')" for place, name in enumerate(names, 1)}
    found = {}
    if "date" in places and "time" in places:
        found["time"] = f"try_cast({places['date']} || ' ' || {places['time']} AS TIMESTAMP)"
    for name, (column, kind) in _KINDS.items():
        if name in places and column in wants.columns:
            value = f"replace({places[name]}, '+', ' ')" if column == "agent" else places[name]
            found[column] = KINDS[kind].tells[column].replace("{}", value)
    if "time-taken" in places and "duration_ms" in wants.columns:
        is_seconds = any(name.startswith("x-edge-") for name in names)
        found["duration_ms"] = (
            KINDS["s" if is_seconds else "ms"].tells["duration_ms"].replace("{}", places["time-taken"])
        )
    return found | _added(places, wants)


def _added(places: Mapping[str, str], wants: Wants) -> dict[str, str]:
    """Headers that are logged by name, cookies of the header of them, and fields by their names."""
    found = {}
    for name, origin in wants.added.items():
        kind, _, what = origin.partition(":")
        side = next((side for side, one in _HEADERS.items() if one == kind), None)
        if kind == "column" and what.lower() in places:
            found[name] = places[what.lower()]
        elif side and f"{side}({what.lower()})" in places:
            found[name] = places[f"{side}({what.lower()})"]
        elif kind == "cookie" and "cs(cookie)" in places:
            pattern = rf"(?:^|;[+ ]?){what}=([^;]*)"
            found[name] = f"nullif(regexp_extract({places['cs(cookie)']}, {sql.text(pattern)}, 1), '')"
    return found


def w3c(_written: Written) -> RecordedForm:
    """Whatever its directives say."""
    return Extended()
