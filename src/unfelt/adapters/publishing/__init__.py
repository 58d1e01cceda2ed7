"""Places outside the installation where checkpoints are published, so that the chain can be held against them."""

from datetime import timedelta
from typing import Protocol


class PublishError(Exception):
    """The place did not take it; the text says why, without secrets."""


class Place(Protocol):
    """One place; publishing the same twice is publishing it once."""

    @property
    def name(self) -> str:
        """How people call it, and under which it is on record: `file /mnt/elsewhere`."""

    @property
    def every(self) -> timedelta:
        """It is not given another checkpoint sooner."""

    def publish(self, name: str, content: bytes) -> bytes:
        """The content is there under that name; returns what the place gave for it. PublishError otherwise."""
