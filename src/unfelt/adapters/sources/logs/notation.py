"""The notations in which servers say how they write a line, taken apart into pieces. Nothing of them is run."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.logs.pieces import Field, Piece
from unfelt.conf.language import Message

Taken = tuple[int, Field | str]
"""How long a variable is, and what stands in its place."""


def pieces(
    text: str, variable: re.Pattern[str], meaning: Callable[[re.Match[str]], tuple[Piece, ...]]
) -> tuple[Piece, ...]:
    """The literals and fields of a notation in which variables look like that."""
    found: list[Piece] = []
    at = 0
    for one in variable.finditer(text):
        found += [text[at : one.start()], *meaning(one)]
        at = one.end()
    return _checked(text, _joined([*found, text[at:]]))


def _joined(given: list[Piece]) -> list[Piece]:
    """Neighbouring literals are one, and none is empty."""
    found: list[Piece] = []
    for piece in given:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece:
            found.append(piece)
    return found


def _checked(text: str, found: list[Piece]) -> tuple[Piece, ...]:
    kinds = {piece.kind for piece in found if isinstance(piece, Field)}
    dated = kinds & {"clf", "iso", "epoch", "epoch_ms", "epoch_us", "haproxy"}
    if not dated or "status" not in kinds:
        raise SourceError(
            Message(
                "The notation {notation} writes no {missing}, without which nothing can be judged.",
                notation=text,
                missing="time" if not dated else "status",
            )
        )
    if any(isinstance(a, Field) and isinstance(b, Field) and b.kind != "rest" for a, b in pairwise(found)):
        raise SourceError(
            Message("The notation {notation} writes two values with nothing between them.", notation=text)
        )
    return tuple(found)


_NGINX = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NGINX_KINDS = {
    "remote_addr": "host",
    "realip_remote_addr": "text",
    "remote_user": "login",
    "time_local": "clf",
    "time_iso8601": "iso",
    "msec": "epoch",
    "request": "request",
    "request_method": "method",
    "request_uri": "path",
    "uri": "path",
    "status": "status",
    "body_bytes_sent": "bytes",
    "bytes_sent": "bytes",
    "request_time": "s",
    "http_referer": "referer",
    "http_user_agent": "agent",
}
_NGINX_ORIGINS = (
    ("cookie_", "cookie:"),
    ("sent_http_", "response:"),
    ("upstream_http_", "response:"),
    ("http_", "header:"),
    ("arg_", "query:"),
)


def nginx(text: str) -> tuple[Piece, ...]:
    """Of a `log_format` string."""

    def meaning(one: re.Match[str]) -> tuple[Piece, ...]:
        name = one[1] or one[2]
        return (Field(_nginx_origin(name), _NGINX_KINDS.get(name, "text")),)

    return pieces(_unwrapped(text), _NGINX, meaning)


def _nginx_origin(name: str) -> str:
    for prefix, kind in _NGINX_ORIGINS:
        if name.startswith(prefix):
            what = name.removeprefix(prefix)
            return kind + (what if kind == "cookie:" else what.replace("_", "-"))
    return name


def _unwrapped(text: str) -> str:
    """The string that is written, of a whole directive or of the string alone."""
    text = text.strip().rstrip(";").strip()
    text = re.sub(r"^log_format\s+\S+\s+(?:escape=\w+\s+)?", "", text)
    if re.match(r"^'(?:[^'])*'(?:\s+'[^']*')*$", text):
        return "".join(re.findall(r"'([^']*)'", text))
    return text


_APACHE = re.compile(r"%[<>]?(?:!?\d+(?:,\d+)*)?(?:\{([^}]*)\})?([<>]?)(\^?[a-zA-Z%]|\^t[io])")
_APACHE_KINDS = {
    "h": "host",
    "a": "host",
    "l": "ident",
    "u": "login",
    "t": "clf",
    "r": "request",
    "m": "method",
    "U": "path",
    "s": "status",
    "b": "bytes",
    "B": "bytes",
    "O": "bytes",
    "D": "us",
    "T": "s",
}
_APACHE_TIMES = {"sec": "epoch", "msec": "epoch_ms", "usec": "epoch_us"}


def apache(text: str) -> tuple[Piece, ...]:
    """Of a `LogFormat` string."""
    text = re.sub(r"^\s*LogFormat\s+", "", text.strip())
    quoted = re.match(r'^"((?:[^"\\]|\\.)*)"(?:\s+[\w-]+)?$', text)
    text = re.sub(
        r"\\(.)", lambda found: {"t": "\t", "n": "\n"}.get(found[1], found[1]), quoted[1] if quoted else text
    )
    return pieces(text, _APACHE, _apache_meaning)


def _apache_meaning(one: re.Match[str]) -> tuple[Piece, ...]:
    argument, letter = one[1], one[3]
    if letter == "%":
        return ("%",)
    if letter == "t" and not argument:
        return ("[", Field("time", "clf"), "]")
    if letter == "t":
        known = _APACHE_TIMES.get(re.sub(r"^(begin|end):", "", argument))
        return (Field("time", known or "text"),)
    if letter == "T" and argument:
        return (Field("duration", {"s": "s", "ms": "ms", "us": "us"}.get(argument, "text")),)
    origin = {"i": "header", "o": "response", "C": "cookie", "e": "env", "n": "note"}.get(letter)
    if argument and origin:
        kind = (
            {"referer": "referer", "user-agent": "agent"}.get(argument.lower(), "text")
            if origin == "header"
            else "text"
        )
        return (Field(f"{origin}:{argument if origin == 'cookie' else argument.lower()}", kind),)
    return (Field(letter, _APACHE_KINDS.get(letter, "text")),)


_HAPROXY = re.compile(r"%(?:\{([^}]*)\})?(?:\[([^\]]*)\]|([a-zA-Z]+)|(%))")
_HAPROXY_KINDS = {
    "ci": "address",
    "tr": "haproxy",
    "t": "haproxy",
    "trl": "clf",
    "trg": "clf",
    "T": "clf",
    "Tl": "clf",
    "Ts": "epoch",
    "ST": "status",
    "B": "bytes",
    "r": "request",
    "HM": "method",
    "HP": "path",
    "HU": "path",
    "Ta": "ms",
    "Tt": "ms",
}
_FETCHES = {
    "req.cook": "cookie",
    "capture.req.cook": "cookie",
    "req.hdr": "header",
    "req.fhdr": "header",
    "res.hdr": "response",
    "url_param": "query",
}


def haproxy(text: str) -> tuple[Piece, ...]:
    """Of a `log-format` string."""
    text = re.sub(r"^\s*log-format\s+", "", text.strip())
    quoted = re.match(r'^"((?:[^"\\]|\\.)*)"$', text)
    text = re.sub(r"\\(.)", r"\1", quoted[1] if quoted else text)
    names = {found[3] for found in _HAPROXY.finditer(text)}

    def meaning(one: re.Match[str]) -> tuple[Piece, ...]:
        flags, fetch, name, percent = one.groups()
        if percent:
            return ("%",)
        if fetch is not None:
            found = re.match(r"([\w.]+)\(([^),]*)", fetch)
            origin = f"{_FETCHES[found[1]]}:{found[2]}" if found and found[1] in _FETCHES else fetch
            value: Piece = Field(origin, "text")
        elif name == "o":
            return ()
        else:
            kind = "text" if name == "Tt" and "Ta" in names else _HAPROXY_KINDS.get(name, "text")
            value = Field(name, kind)
        return ('"', value, '"') if flags and "+Q" in flags else (value,)

    return pieces(text.replace("%ci:%cp", "%ci"), _HAPROXY, meaning)


_ENVOY = re.compile(r"%([A-Z_]+)(?:\(([^)]*)\))?(?::\d+)?%")
_ENVOY_KINDS = {
    "START_TIME": "iso",
    "RESPONSE_CODE": "status",
    "BYTES_SENT": "bytes",
    "DURATION": "ms",
    "DOWNSTREAM_REMOTE_ADDRESS": "address",
}
_ENVOY_HEADERS = {
    ":method": "method",
    "user-agent": "agent",
    "referer": "referer",
    "x-envoy-original-path?:path": "path",
    ":path": "path",
    "x-forwarded-for": "first",
}


def envoy(text: str) -> tuple[Piece, ...]:
    """Of a format string of Envoy and Istio."""

    def meaning(one: re.Match[str]) -> tuple[Piece, ...]:
        name, argument = one[1], (one[2] or "").lower()
        if name == "REQ":
            return (Field(f"header:{argument}", _ENVOY_HEADERS.get(argument, "text")),)
        if name == "RESP":
            return (Field(f"response:{argument}", "text"),)
        return (Field(name.lower(), _ENVOY_KINDS.get(name, "text") if not argument else "text"),)

    return pieces(text.removesuffix("\n"), _ENVOY, meaning)


NOTATIONS: Mapping[str, Callable[[str], tuple[Piece, ...]]] = {
    "nginx": nginx,
    "apache": apache,
    "haproxy": haproxy,
    "envoy": envoy,
}
"""What takes a notation apart, by whose it is."""
