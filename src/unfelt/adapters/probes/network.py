"""Pages, ports and certificates."""

import socket
import ssl
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from cryptography import x509

from unfelt.adapters.probes.form import Asked, Seen
from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError
from unfelt.documents.units import format_duration, parse_duration

MOST = 2_000_000
"""So many bytes of a page are looked through."""


def page(asked: Asked) -> Seen:
    """The page answers below 400 and holds the text; a number of three digits is the status that is expected."""
    parts = urlsplit(asked.target)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=asked.within)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={"User-Agent": "unfelt-probe", "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        body = answer.read(MOST).decode(answer.headers.get_content_charset() or "utf-8", "replace")
    except (OSError, HTTPException, LookupError) as error:
        return Seen(False, Message("no answer: {problem}", problem=_plain(error)))
    finally:
        connection.close()
    if asked.expect.isdecimal() and len(asked.expect) == 3:
        return Seen(answer.status == int(asked.expect), Message("status {status}", status=answer.status))
    if answer.status >= 400:
        return Seen(False, Message("status {status}", status=answer.status))
    if asked.expect and asked.expect not in body:
        said = Message("status {status}, and the text is not there", status=answer.status)
        return Seen(False, said)
    return Seen(True, Message("status {status}", status=answer.status))


def port(asked: Asked) -> Seen:
    """The port takes connections; `closed`: it does not."""
    parts = urlsplit(asked.target)
    wants_closed = asked.expect == "closed"
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=asked.within):
            return Seen(not wants_closed, Message("open"))
    except socket.gaierror as error:
        return Seen(None, Message("the name is not known: {problem}", problem=_plain(error)))
    except OSError as error:
        return Seen(wants_closed, Message("closed: {problem}", problem=_plain(error)))


def certificate(asked: Asked) -> Seen:
    """The certificate is for that name, of an authority that is trusted here, and lives as long as expected."""
    parts = urlsplit(asked.target)
    try:
        least = parse_duration(asked.expect) if asked.expect else None
    except RefusalError as error:
        return Seen(None, Message("{problem}", problem=str(error)))
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=asked.within) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            encoded = secured.getpeercert(binary_form=True) or b""
            version = secured.version()
    except OSError as error:
        return Seen(False, Message("no trusted connection: {problem}", problem=_plain(error)))
    ends = x509.load_der_x509_certificate(encoded).not_valid_after_utc
    left = ends - datetime.now(UTC)
    good = least is None or left >= least
    days = Message("{version}, valid until {end}", version=version, end=f"{ends:%Y-%m-%d}")
    if good:
        return Seen(True, days)
    return Seen(False, Message("{days}: less than {least}", days=days, least=format_duration(least or left)))


def _plain(error: Exception) -> str:
    return (
        getattr(error, "verify_message", "")
        or getattr(error, "strerror", None)
        or str(error)
        or type(error).__name__
    )
