"""Both versions must answer before anybody is moved, and each its own customers."""

import http.client
import socket
import ssl
from contextlib import closing, suppress
from urllib.parse import urlsplit

from unfelt.adapters.sources.logins import logins_of
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.rollout.refusal import CannotStart

SECONDS = 3.0
"""How long a version may take to accept a connection."""


def must_answer(*addresses: str) -> None:
    """Each address accepts a connection; the first that does not stops the start."""
    for address in addresses:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), timeout=SECONDS).close()
        except OSError as error:
            raise CannotStart(
                Message(
                    "{address} does not accept connections ({error}). Nobody was moved; start it, or correct "
                    "`rollout.old` and `rollout.new` in the plan",
                    address=address,
                    error=str(error),
                )
            ) from None


def must_only_read(change: Change) -> None:
    """The logins of its stores may read promises and nothing that matters more, and each was looked at."""
    for seen in logins_of(change):
        raise CannotStart(
            Message("{field}: {message}. Nobody was moved", field=".".join(seen.path), message=seen.said)
        )


def shared_answers(*addresses: str, authorities: str | None = None) -> list[Message]:
    """Warnings of front pages that a cache in front of the router may keep for everybody, whatever their version.

    What cannot be asked is not warned of: the first look of the guard says what is wrong with it.
    """
    found = []
    for address in addresses:
        kept = _cache_control(address, authorities)
        if any(word.strip().partition("=")[0] in ("public", "s-maxage") for word in kept.lower().split(",")):
            said = Message(
                "{address} lets shared caches keep its front page (Cache-Control: {kept}): a cache in front of "
                "the router would show one version to customers of the other, and nobody could measure it. Put "
                "such caches behind the router, or let them keep nothing that differs.",
                address=address,
                kept=kept,
            )
            found.append(said)
    return found


def _cache_control(address: str, authorities: str | None) -> str:
    with suppress(OSError, http.client.HTTPException), closing(_connection(address, authorities)) as connection:
        connection.request("GET", "/", headers={"User-Agent": "unfelt"})
        return connection.getresponse().getheader("Cache-Control") or ""
    return ""


def _connection(address: str, authorities: str | None) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=SECONDS)
    context = ssl.create_default_context(cafile=authorities)
    return http.client.HTTPSConnection(parts.hostname or "", parts.port or 443, timeout=SECONDS, context=context)
