"""Days of made-up requests, as each kind of server would have written them; an independent reference for readers.

Nothing here knows how unfelt reads: a line is put together by hand from what the server's manual says.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

BEGAN = datetime(2026, 11, 23, 4, tzinfo=UTC)
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
    'odd "quoted" agent',
    "back\\slash",
    "",
)
PATHS = ("/", "/pay", "/pay/42", "/caf\udce9", "/支付", "/search")


@dataclass(frozen=True)
class Request:
    """One request and how it was answered. ended: when; ms: after how long."""

    ended: datetime
    host: str
    method: str
    path: str
    query: str
    status: int
    ms: int
    size: int
    agent: str
    uid: str

    @property
    def began(self) -> datetime:
        return self.ended - timedelta(milliseconds=self.ms)


def day(many: int, seed: int, *, customers: int = 300) -> list[Request]:
    """So many requests in order of their ends, of both families of addresses."""
    draw = random.Random(seed)
    hosts = [
        f"10.{draw.randrange(256)}.{draw.randrange(256)}.{n % 256}" if n % 3 else f"2001:db8::{n:x}:{seed + 1:x}"
        for n in range(customers)
    ]
    requests = []
    for number in range(many):
        who = draw.randrange(customers)
        requests.append(
            Request(
                BEGAN + timedelta(seconds=number * 3600 // many),
                hosts[who],
                draw.choice(("GET", "POST")),
                draw.choice(PATHS),
                draw.choice(("", "?q=a%22b", "?n=1")),
                draw.choice((200, 200, 200, 200, 304, 404, 500, 503)),
                draw.choice((12, 40, 250, 900, 1500)),
                draw.randrange(100_000),
                draw.choice(AGENTS),
                f"u{who}",
            )
        )
    return requests


def _clf(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _request(one: Request) -> str:
    return f"{one.method} {one.path}{one.query} HTTP/1.1"


def common(one: Request) -> str:
    return f'{one.host} - - [{_clf(one.ended)}] "{_request(one)}" {one.status} {one.size}'


def combined(one: Request) -> str:
    return f'{common(one)} "-" "{_escaped(one.agent)}"'


def combined_with_fields(one: Request) -> str:
    return f"{combined(one)} customer={one.uid} rt={one.ms / 1000:.3f}"


def vhost_combined(one: Request) -> str:
    return f"shop.example:443 {combined(one)}"


def nginx(one: Request) -> str:
    at, took = f"{one.ended.timestamp():.3f}", f"{one.ms / 1000:.3f}"
    return f'{at}|{one.uid}|{one.host}|{one.status}|{took}|"{_escaped(_request(one))}"'


def apache(one: Request) -> str:
    took = one.ms * 1000
    return (
        f'{one.host} [{_clf(one.began)}] {one.uid} {took} {one.status} "{_request(one)}" "{_escaped(one.agent)}"'
    )


def haproxy(one: Request) -> str:
    at = one.began.strftime("%d/%b/%Y:%H:%M:%S.") + f"{one.began.microsecond // 1000:03d}"
    return (
        f"Nov 23 04:00:00 lb haproxy[1438]: {one.host}:33317 [{at}] front~ shop/srv1 0/0/1/{one.ms - 1}/{one.ms} "
        f'{one.status} {one.size} - - ---- 1/1/0/0/0 0/0 {{shop.example}} "{_request(one)}"'
    )


def envoy_text(one: Request) -> str:
    return (
        f'[{_iso(one.began)}] "{_request(one)}" {one.status} - 0 {one.size} {one.ms} {one.ms - 1} "{one.host}" '
        f'"{_escaped(one.agent)}" "9f2c" "shop.example" "10.1.0.9:8080"'
    )


def istio(one: Request) -> str:
    return (
        f'[{_iso(one.began)}] "{_request(one)}" {one.status} - via_upstream - "-" 0 {one.size} '
        f"{one.ms} {one.ms - 1} "
        f'"{one.host}" "{_escaped(one.agent)}" "9f2c" "shop.example" "10.1.0.9:8080" '
        f"outbound|80||shop.default 10.1.0.2:1 10.1.0.9:8080 10.1.0.3:2 - default"
    )


def alb(one: Request) -> str:
    host = f"[{one.host}]" if ":" in one.host else one.host
    at = one.ended.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        f"https {at} app/shop/50dc6c495c0c9188 {host}:2817 10.0.0.1:80 0.001 {one.ms / 1000 - 0.002:.3f} 0.001 "
        f"{one.status} {one.status} 34 {one.size} "
        f'"{one.method} https://shop.example:443{one.path}{one.query} HTTP/1.1" '
        f'"{_escaped(one.agent)}" ECDHE TLSv1.2 arn:aws:x "Root=1-58" "shop.example" "-" 0 {at} "forward" "-" "-"'
    )


def iis(one: Request) -> str:
    at = one.ended.strftime("%Y-%m-%d %H:%M:%S")
    agent = one.agent.replace(" ", "+") or "-"
    return f"{at} {one.host} {one.method} {one.path} {one.query[1:] or '-'} 443 {one.status} 0 {one.ms} {agent}"


def cloudfront(one: Request) -> str:
    at = one.ended.strftime("%Y-%m-%d\t%H:%M:%S")
    agent = quote(one.agent) or "-"
    told = (at, "FRA2", one.size, one.host, one.method, one.path, one.status, agent, "Hit", f"{one.ms / 1000:.3f}")
    return "\t".join(map(str, told))


def json_nginx(one: Request) -> str:
    return json.dumps(
        {
            "time_iso8601": one.ended.isoformat(),
            "remote_addr": one.host,
            "request": _request(one),
            "status": str(one.status),
            "request_time": f"{one.ms / 1000:.3f}",
            "http_user_agent": one.agent,
            "cookie_uid": one.uid,
        },
        ensure_ascii=False,
    )


def traefik(one: Request) -> str:
    return json.dumps(
        {
            "ClientHost": one.host,
            "DownstreamStatus": one.status,
            "Duration": one.ms * 1_000_000,
            "RequestMethod": one.method,
            "RequestPath": one.path + one.query,
            "StartUTC": one.began.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
            "time": _iso(one.ended),
            "request_User-Agent": one.agent,
        },
        ensure_ascii=False,
    )


def caddy(one: Request) -> str:
    return json.dumps(
        {
            "level": "info",
            "ts": one.ended.timestamp(),
            "logger": "http.log.access",
            "request": {
                "remote_ip": one.host,
                "client_ip": one.host,
                "method": one.method,
                "uri": one.path + one.query,
                "headers": {"User-Agent": [one.agent]},
            },
            "duration": one.ms / 1000,
            "size": one.size,
            "status": one.status,
        },
        ensure_ascii=False,
    )


def envoy_json(one: Request) -> str:
    return json.dumps(
        {
            "start_time": _iso(one.began),
            "method": one.method,
            "path": one.path + one.query,
            "response_code": one.status,
            "duration": one.ms,
            "bytes_sent": one.size,
            "x_forwarded_for": f"{one.host},10.1.1.1",
            "user_agent": one.agent,
        },
        ensure_ascii=False,
    )


IIS_FIELDS = (
    "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query s-port sc-status sc-substatus time-taken "
    "cs(User-Agent)"
)
CLOUDFRONT_FIELDS = (
    "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs-uri-stem sc-status cs(User-Agent) "
    "x-edge-result-type time-taken"
)


@dataclass(frozen=True)
class Style:
    """How a server writes. took: durations are in it; uid: so are customers, as the plan names them there."""

    write: Callable[[Request], str]
    format: str
    took: bool = True
    uid: str = "column:host"
    notation: str | None = None
    head: str = ""
    odd: bool = True
    """Bytes that are not UTF-8 come as they are."""
    starts: bool = False
    """It is the start of a request that is dated."""


STYLES = {
    "common": Style(common, "common", took=False),
    "combined": Style(combined, "combined", took=False),
    "combined with fields": Style(combined_with_fields, "combined", uid="cookie:uid"),
    "vhost_combined": Style(vhost_combined, "vhost_combined", took=False),
    "haproxy": Style(haproxy, "haproxy"),
    "envoy_text": Style(envoy_text, "envoy_text"),
    "istio": Style(istio, "istio"),
    "alb": Style(alb, "alb"),
    "iis": Style(iis, "w3c", head=f"#Software: IIS\n#Version: 1.0\n{IIS_FIELDS}\n"),
    "cloudfront": Style(cloudfront, "w3c", head=f"#Version: 1.0\n{CLOUDFRONT_FIELDS}\n"),
    "json": Style(json_nginx, "json", uid="cookie:uid"),
    "traefik": Style(traefik, "traefik"),
    "caddy": Style(caddy, "caddy"),
    "envoy_json": Style(envoy_json, "envoy_json"),
    "nginx": Style(
        nginx,
        "nginx",
        uid="cookie:uid",
        notation="log_format x '$msec|$cookie_uid|$remote_addr|$status|' '$request_time|\"$request\"';",
    ),
    "apache": Style(
        apache,
        "apache",
        uid="cookie:uid",
        notation='LogFormat "%h %t %{uid}C %D %>s \\"%r\\" \\"%{User-agent}i\\"" x',
    ),
}
"""By name."""


def encoded(text: str) -> bytes:
    """The text as bytes; what stands for an odd byte is one."""
    return text.encode("utf-8", "surrogateescape")


def lines(style: Style, requests: Sequence[Request]) -> Iterator[bytes]:
    for one in requests:
        yield encoded(style.write(one)) + b"\n"


def write(style: Style, requests: Sequence[Request], folder: Path, name: str = "access") -> tuple[str, int]:
    """The requests in three files, one packed, one with the end of another; their pattern, and how many twice."""
    written = list(lines(style, requests))
    third, copied = len(written) // 3, min(20, len(written) // 6)
    head = encoded(style.head)
    (folder / f"{name}.log.2.gz").write_bytes(gzip.compress(head + b"".join(written[:third])))
    (folder / f"{name}.log.1").write_bytes(head + b"".join(written[third - copied : 2 * third]))
    (folder / f"{name}.log").write_bytes(head + b"".join(written[2 * third :]))
    return str(folder / f"{name}.log*"), copied


def reference(style: Style, requests: Sequence[Request]) -> dict[str, tuple[int, int, int]]:
    """Of each customer: requests, those that failed, and those that took over 800 ms."""
    found: dict[str, tuple[int, int, int]] = {}
    for one in requests:
        who = one.host if style.uid == "column:host" else one.uid
        n, bad, slow = found.get(who, (0, 0, 0))
        found[who] = (n + 1, bad + (one.status >= 500), slow + (style.took and one.ms > 800))
    return found
