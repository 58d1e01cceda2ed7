"""What to write into a server's configuration so that its log holds what a plan asks for."""

from collections.abc import Callable, Iterable, Mapping

from unfelt.conf.language import Message

Advise = Callable[[Mapping[str, str]], Message]
HAPROXY_LINE = (
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"
)
"""What HAProxy writes with `option httplog`."""


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


def haproxy_line(fields: Iterable[tuple[str, str]]) -> str:
    """The lines of a frontend that write what is missing."""
    wanted = [(name, *_haproxy(origin)) for name, origin in fields]
    sets = "".join(f"http-request set-var(txn.{name}) {fetch}({what}); " for name, fetch, what in wanted)
    added = "".join(f" {name}=%[var(txn.{name})]" for name, _fetch, _what in wanted)
    return f'{sets}log-format "{HAPROXY_LINE}{added}"'


def keyed(wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is to be written, as keys and where each comes from."""
    names = {"who": "customer", "duration_ms": "rt"}
    return [(names.get(name, name), "" if name == "duration_ms" else origin) for name, origin in wanted.items()]


def for_servers(missing: Mapping[str, str]) -> Message:
    """For the logs of nginx and Apache."""
    return Message(
        "Log it from now on, in nginx with: {nginx} or in Apache with: {apache} Then judge the new log.",
        nginx=nginx_line(keyed(missing)),
        apache=apache_line(keyed(missing)),
    )


def for_haproxy(missing: Mapping[str, str]) -> Message:
    """For the log of HAProxy, which holds durations at any rate."""
    missing = {name: origin for name, origin in missing.items() if name != "duration_ms"}
    return Message(
        "Log it from now on, in HAProxy with: {line} Then judge the new log.", line=haproxy_line(keyed(missing))
    )


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


def _haproxy(origin: str) -> tuple[str, str]:
    kind, _, what = origin.partition(":")
    return {"cookie": "req.cook", "header": "req.hdr", "query": "url_param"}.get(kind, "req.hdr"), what
