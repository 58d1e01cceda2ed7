"""Both versions must answer before anybody is moved."""

import socket
from urllib.parse import urlsplit

from unfelt.conf.language import Message
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
