"""Pages, ports and certificates."""

import email.message
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509

from unfelt.adapters.addresses import host_and_port
from unfelt.adapters.http import Answer, OutgoingError, RefusedError, fetch
from unfelt.adapters.probes.form import Asked, Seen
from unfelt.adapters.reaching import UnreachableError
from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError
from unfelt.documents.units import format_duration, parse_duration

MOST = 2_000_000
"""So many bytes of a page are looked through."""
FORMER = (Message("closed: {problem}"), Message("the name is not known: {problem}"))
"""What earlier versions saw; entries that say so stay readable in both languages."""


def page(asked: Asked) -> Seen:
    """The page answers below 400 and holds the text; a number of three digits is the status that is expected."""
    try:
        answer = fetch(
            "GET",
            asked.target,
            policy=asked.policy,
            headers={"User-Agent": "unfelt-probe"},
            within=asked.within,
            most=MOST,
        )
    except (RefusedError, UnreachableError) as error:
        return Seen(None, error.said)
    except OutgoingError as error:
        return Seen(False, Message("no answer: {problem}", problem=error.said))
    if asked.expect.isdecimal() and len(asked.expect) == 3:
        return Seen(answer.status == int(asked.expect), Message("status {status}", status=answer.status))
    if answer.status >= 400:
        return Seen(False, Message("status {status}", status=answer.status))
    if asked.expect and asked.expect not in _text(answer):
        said = Message("status {status}, and the text is not there", status=answer.status)
        return Seen(False, said)
    return Seen(True, Message("status {status}", status=answer.status))


def _text(answer: Answer) -> str:
    """The body in the encoding that it names; UTF-8 where it names none that is known."""
    said = email.message.Message()
    said["Content-Type"] = answer.headers.get("content-type", "")
    try:
        return answer.body.decode(said.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return answer.body.decode("utf-8", "replace")


def port(asked: Asked) -> Seen:
    """The port takes connections; `closed`: it does not. No more is said of it."""
    wants_closed = asked.expect == "closed"
    try:
        with asked.reach().connected(*_at(asked, None)):
            return Seen(not wants_closed, Message("open"))
    except (RefusedError, UnreachableError) as error:
        return Seen(None, error.said)
    except OutgoingError:
        return Seen(wants_closed, Message("closed"))


def _at(asked: Asked, default: int | None) -> tuple[str, int]:
    return host_and_port(urlsplit(asked.target).netloc, default=default)


def certificate(asked: Asked) -> Seen:
    """The certificate is for that name, of an authority that is trusted here, and lives as long as expected."""
    try:
        least = parse_duration(asked.expect) if asked.expect else None
    except RefusalError as error:
        return Seen(None, Message("{problem}", problem=str(error)))
    reach = asked.reach()
    try:
        host, port = _at(asked, 443)
        with reach.connected(host, port) as plain:
            plain.settimeout(reach.left)
            with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured:
                encoded = secured.getpeercert(binary_form=True) or b""
                version = secured.version()
    except (RefusedError, UnreachableError) as error:
        return Seen(None, error.said)
    except OutgoingError as error:
        return Seen(False, Message("no trusted connection: {problem}", problem=error.said))
    except OSError as error:
        return Seen(False, Message("no trusted connection: {problem}", problem=_plain(error)))
    ends = x509.load_der_x509_certificate(encoded).not_valid_after_utc
    left = ends - datetime.now(UTC)
    good = least is None or left >= least
    days = Message("{version}, valid until {end}", version=version, end=f"{ends:%Y-%m-%d}")
    if good:
        return Seen(True, days)
    return Seen(False, Message("{days}: less than {least}", days=days, least=format_duration(least or left)))


def _plain(error: OSError) -> str:
    """Why the certificate is not trusted; of anything else only its class."""
    return getattr(error, "verify_message", "") or type(error).__name__
