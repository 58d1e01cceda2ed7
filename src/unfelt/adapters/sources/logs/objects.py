"""Formats in which a line is a JSON object: keys that are known of some servers, and any that the plan maps."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.logs.form import Columns, RecordedForm, Sample, Wants, Written
from unfelt.adapters.sources.logs.pieces import KINDS
from unfelt.conf.language import Message

Key = tuple[str, str]
"""The path of a key, its parts joined by dots, and the kind of its value."""
_GENERAL: Mapping[str, Sequence[Key]] = {
    "time": (
        *(("time", "moment"), ("time_iso8601", "moment"), ("time_local", "moment"), ("@timestamp", "moment")),
        *(
            ("timestamp", "moment"),
            ("ts", "moment"),
            ("start_time", "moment"),
            ("msec", "moment"),
            ("date", "moment"),
        ),
    ),
    "host": (
        *(
            ("remote_addr", "host"),
            ("client_ip", "host"),
            ("remote_ip", "host"),
            ("ip", "host"),
            ("client", "address"),
        ),
        *(
            ("ClientHost", "host"),
            ("request.client_ip", "host"),
            ("request.remote_ip", "host"),
            ("remote_host", "host"),
        ),
    ),
    "login": (("remote_user", "login"), ("user", "login"), ("user_id", "login")),
    "method": (
        *(("method", "method"), ("request_method", "method"), ("http_method", "method"), ("verb", "method")),
        *(("RequestMethod", "method"), ("request.method", "method"), ("request", "request")),
    ),
    "path": (
        *(("path", "path"), ("uri", "path"), ("request_uri", "path"), ("url", "path"), ("RequestPath", "path")),
        *(("request.uri", "path"), ("request", "request")),
    ),
    "status": (
        *(("status", "status"), ("status_code", "status"), ("response_code", "status"), ("code", "status")),
        *(("DownstreamStatus", "status"), ("http_status", "status"), ("response.status", "status")),
    ),
    "bytes": (
        *(("body_bytes_sent", "bytes"), ("bytes_sent", "bytes"), ("bytes", "bytes"), ("size", "bytes")),
        ("DownstreamContentSize", "bytes"),
    ),
    "duration_ms": (
        *(
            ("request_time", "s"),
            ("duration_ms", "ms"),
            ("latency_ms", "ms"),
            ("elapsed_ms", "ms"),
            ("took_ms", "ms"),
        ),
        *(("duration_us", "us"), ("duration_ns", "ns"), ("duration_s", "s"), ("time_taken_ms", "ms")),
    ),
    "referer": (("http_referer", "referer"), ("referer", "referer"), ("referrer", "referer")),
    "agent": (("http_user_agent", "agent"), ("user_agent", "agent"), ("agent", "agent"), ("useragent", "agent")),
}
"""What keys are called where nobody says. A duration is taken only where its name says its unit."""
_TRAEFIK: Mapping[str, Sequence[Key]] = {
    "time": (("StartUTC", "moment"), ("time", "moment")),
    "host": (("ClientHost", "host"), ("ClientAddr", "address")),
    "login": (("ClientUsername", "login"),),
    "method": (("RequestMethod", "method"),),
    "path": (("RequestPath", "path"),),
    "status": (("DownstreamStatus", "status"),),
    "bytes": (("DownstreamContentSize", "bytes"),),
    "duration_ms": (("Duration", "ns"),),
    "referer": (("request_Referer", "referer"),),
    "agent": (("request_User-Agent", "agent"),),
}
_CADDY: Mapping[str, Sequence[Key]] = {
    "time": (("ts", "moment"),),
    "host": (("request.client_ip", "host"), ("request.remote_ip", "host"), ("request.remote_addr", "address")),
    "login": (("user_id", "login"),),
    "method": (("request.method", "method"),),
    "path": (("request.uri", "path"),),
    "status": (("status", "status"),),
    "bytes": (("size", "bytes"),),
    "duration_ms": (("duration", "s"),),
    "referer": (("request.headers.Referer.0", "referer"),),
    "agent": (("request.headers.User-Agent.0", "agent"),),
}
_ENVOY: Mapping[str, Sequence[Key]] = {
    "time": (("start_time", "moment"),),
    "host": (("x_forwarded_for", "first"), ("downstream_remote_address", "address")),
    "method": (("method", "method"),),
    "path": (("path", "path"),),
    "status": (("response_code", "status"),),
    "bytes": (("bytes_sent", "bytes"),),
    "duration_ms": (("duration", "ms"),),
    "agent": (("user_agent", "agent"),),
}
_UNITS = ("s", "ms", "us", "ns")


@dataclass(frozen=True)
class ObjectForm:
    """A format of JSON objects. needs: keys that all of them have. ends: it is their end that is dated."""

    name: str
    known: Mapping[str, Sequence[Key]]
    needs: tuple[str, ...] = ()
    ends: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)

    def knows(self, line: str) -> bool:
        """Whether the line is of this format."""
        found = _object(line)
        if found is None or any(_at(found, key) is None for key in self.needs):
            return False
        return "time" in self._found([found]) and "status" in self._found([found])

    def columns(self, sample: Sample, wants: Wants) -> Columns:
        """The keys that tell what is wanted."""
        objects = [found for line in sample.lines if (found := _object(line)) is not None]
        keys = {name: key for name, key in self._found(objects).items() if name in wants.columns or name == "time"}
        keys |= self._added(objects, wants)
        paths = sorted({path for path, _kind in keys.values()})
        stage = (
            f"CASE WHEN json_valid(line) THEN json_extract_string(line, [{sql.each(paths, _pointer)}]) END AS j"
        )
        values = {
            name: _told(name, kind, f"nullif(nullif(j[{paths.index(path) + 1}], ''), '-')")
            for name, (path, kind) in keys.items()
        }
        time = values.get("time", "NULL::TIMESTAMP")
        ends = self.ends or (
            self.name == "json" and keys["time"][0] in ("time_local", "time_iso8601", "msec")
            if "time" in keys
            else False
        )
        return Columns((stage,), values, f"({time}) IS NOT NULL", ends=ends)

    def advice(self, missing: Mapping[str, str]) -> Message | None:
        """The line of the plan that says which key it is."""
        example = ", ".join(f"{'customer' if name == 'who' else name}: KEY" for name in missing)
        return Message(
            "Say in the source which keys they are, such as: keys: {example}", example="{" + example + "}"
        )

    def _found(self, objects: Sequence[Mapping[str, Any]]) -> dict[str, Key]:
        """For each column the first of its keys that some object has."""
        found: dict[str, Key] = {}
        for column, candidates in self.known.items():
            given = self.keys.get(column)
            if given is not None:
                found[column] = _given(column, given)
                continue
            there = (key for key in candidates if any(_at(one, key[0]) is not None for one in objects))
            one = next(there, None)
            if one:
                found[column] = one
        return found

    def _added(self, objects: Sequence[Mapping[str, Any]], wants: Wants) -> dict[str, Key]:
        found: dict[str, Key] = {}
        for name, origin in wants.added.items():
            word = "customer" if name == "who" else name
            plain = origin.partition(":")[2]
            candidates = [self.keys[word]] if word in self.keys else [plain, word, *_spellings(origin)]
            there = (
                key for key in candidates if word in self.keys or any(_at(one, key) is not None for one in objects)
            )
            key = next(there, None)
            if key is not None:
                found[name] = (key, "text")
        return found


def _spellings(origin: str) -> list[str]:
    """How servers call what comes from there."""
    kind, _, what = origin.partition(":")
    plain = what.replace("-", "_").lower()
    title = "-".join(part.capitalize() for part in what.split("-"))
    return {
        "cookie": [f"cookie_{what}"],
        "header": [f"http_{plain}", f"request_{title}", f"request.headers.{title}.0", plain],
        "response": [f"sent_http_{plain}", f"downstream_{title}", f"resp_headers.{title}.0", plain],
        "query": [f"arg_{plain}"],
    }.get(kind, [])


def _object(line: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _at(found: Any, path: str) -> Any:  # noqa: ANN401
    """What an object holds there; a key may itself have dots."""
    if isinstance(found, dict) and path in found:
        return found[path]
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _pointer(path: str) -> str:
    """SQL: where the key is."""
    parts = [part.replace("~", "~0").replace("/", "~1") for part in path.split(".")]
    return sql.text("/" + "/".join(parts))


def _given(column: str, said: str) -> Key:
    """A key of the plan: `took`, or `took:s` with the unit of a duration."""
    path, _, unit = said.rpartition(":")
    if column == "duration_ms" and path and unit in _UNITS:
        return path, unit
    kinds = {"time": "moment", "duration_ms": "ms", "method": "method", "path": "path"}
    return said, kinds.get(column, column)


def _told(name: str, kind: str, value: str) -> str:
    if kind == "moment":
        return moment(value)
    spell = KINDS[kind].tells.get(name, "{}") if kind in KINDS else "{}"
    return spell.replace("{}", value)


def moment(value: str) -> str:
    """SQL: a time however it is spelled: RFC 3339, as in the common format, or a number since 1970."""
    number = f"try_cast({value} AS DOUBLE)"
    micros = f"""CASE WHEN {number} < 0 THEN NULL WHEN {number} < 1e11 THEN {number} * 1e6
        WHEN {number} < 1e14 THEN {number} * 1e3 WHEN {number} < 1e17 THEN {number}
        WHEN {number} < 1e19 THEN {number} / 1e3 END"""
    return f"""CASE WHEN {value} IS NULL THEN NULL
        WHEN {number} IS NOT NULL THEN make_timestamp(round({micros})::BIGINT)
        WHEN regexp_matches({value}, '^[0-9]{{1,2}}/') THEN {KINDS["clf"].tells["time"].replace("{}", value)}
        ELSE {KINDS["iso"].tells["time"].replace("{}", value)} END"""


def any_json(written: Written) -> RecordedForm:
    """Any objects: keys by their usual names, or as the plan says."""
    return ObjectForm("json", _GENERAL, keys=written.keys)


def traefik(written: Written) -> RecordedForm:
    """As Traefik writes; it dates the start, and durations are nanoseconds."""
    return ObjectForm("traefik", _TRAEFIK, needs=("DownstreamStatus", "RequestMethod"), keys=written.keys)


def caddy(written: Written) -> RecordedForm:
    """As Caddy writes; it dates the end."""
    return ObjectForm("caddy", _CADDY, needs=("request.method", "duration"), ends=True, keys=written.keys)


def envoy_json(written: Written) -> RecordedForm:
    """As Envoy and Istio write in JSON."""
    return ObjectForm("envoy_json", _ENVOY, needs=("start_time", "response_code"), keys=written.keys)
