"""The formats of nginx and Apache, and of a server whose notation the plan gives."""

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.logs.advice import for_haproxy, for_servers
from unfelt.adapters.sources.logs.form import RecordedForm, Written
from unfelt.adapters.sources.logs.notation import apache, haproxy
from unfelt.adapters.sources.logs.notation import nginx as nginx_pieces
from unfelt.adapters.sources.logs.pattern import Pattern
from unfelt.adapters.sources.logs.pieces import Field, Raw
from unfelt.adapters.sources.logs.text import TextForm
from unfelt.conf.language import Message

_COMMON = '%h %l %u %t "%r" %>s %b'
_COMBINED = _COMMON + ' "%{Referer}i" "%{User-agent}i"'
_REST = Field("rest", "rest")


def common(_written: Written) -> RecordedForm:
    """The common format: no referrer and no agent."""
    return TextForm("common", Pattern((*apache(_COMMON), _REST)), advise=for_servers)


def combined(_written: Written) -> RecordedForm:
    """The combined format, with `key=value` fields after it where needed. nginx dates the end of a request."""
    return TextForm("combined", Pattern((*apache(_COMBINED), _REST)), ends=True, advise=for_servers)


def vhost_combined(_written: Written) -> RecordedForm:
    """The combined format after the name and port of the virtual host."""
    return TextForm("vhost_combined", Pattern((*apache("%v " + _COMBINED), _REST)), ends=True, advise=for_servers)


def nginx(written: Written) -> RecordedForm:
    """As a `log_format` of nginx says."""
    return TextForm("nginx", Pattern(nginx_pieces(_given(written, "nginx"))), ends=True, advise=for_servers)


def apache_custom(written: Written) -> RecordedForm:
    """As a `LogFormat` of Apache says."""
    return TextForm("apache", Pattern(apache(_given(written, "apache"))), advise=for_servers)


def haproxy_custom(written: Written) -> RecordedForm:
    """As a `log-format` of HAProxy says; what it writes with `option httplog` where the plan has no notation."""
    given = haproxy(written.notation) if written.notation else (*haproxy(_TIMERS), *_REQUEST, _REST)
    pattern = Pattern(given, before=r"(?:[A-Z][^\[]*\[\d+\]: )?", before_loose="(?:.*? )?")
    return TextForm("haproxy", pattern, advise=for_haproxy)


_TIMERS = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq"
_REQUEST = (" ", Raw(r"(?:\{[^}]*\} )*"), '"', Field("request", "request"), '"')
"""Captured headers are there or not."""


def _given(written: Written, name: str) -> str:
    if not written.notation:
        raise SourceError(
            Message(
                "The format {format} needs a line `notation:` with the string that the server's configuration "
                "has.",
                format=name,
            )
        )
    return written.notation
