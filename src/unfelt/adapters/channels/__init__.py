"""Ways to reach people and machines: mail, chat robots, addresses on the web."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from unfelt.adapters.http import Answer, fetch
from unfelt.conf.language import Message
from unfelt.conf.settings import Mail

Fetch = Callable[..., Answer]
"""As adapters.http.fetch."""


class ChannelError(Exception):
    """It was not taken; the text says why, without secrets and without what the other side answered.

    is_answer: the other side was there and did not want this one thing.
    """

    def __init__(self, said: Message, *, is_answer: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.is_answer = is_answer

    def __str__(self) -> str:
        return str(self.said)


@dataclass(frozen=True, slots=True)
class Means:
    """What the installation sends with: its mail server, and the one client for everything else."""

    mail: Mail | None = None
    fetch: Fetch = fetch


class Channel(Protocol):
    """One way to tell a member something. It is registered as `channel`, and made without arguments.

    An address of it can be a secret: no error says it, and nothing of it goes into the ledger or a log.
    """

    label: Message
    """What people choose, such as `By a chat robot`."""
    hint: Message
    """How an address of it is spelled."""
    is_given: bool
    """Each member gives an address of their own for it; otherwise it goes to the one of their account."""

    def problem(self, address: str) -> Message | None:
        """Why that is no address of this channel; None where it is one, and of no other channel."""

    def send(self, address: str, *, subject: str, text: str, means: Means) -> None:
        """It was taken, within a minute; ChannelError otherwise. A line break in the subject is a space."""
