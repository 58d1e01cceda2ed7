"""A mail server that keeps what it takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from unfelt.testing.ports import free_port


class Box:
    """What it took: to whom, subject and text; while `is_open` is False it takes nothing."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], str, str]] = []
        self.is_open = True

    async def handle_DATA(self, _server, _session, envelope) -> str:
        """One mail."""
        if not self.is_open:
            return "451 later"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, mail["Subject"], mail.get_content()))
        return "250 taken"


@contextmanager
def postbox() -> Iterator[tuple[Box, int]]:
    """It, and its port on the loopback."""
    box, port = Box(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, port
    finally:
        server.stop()
