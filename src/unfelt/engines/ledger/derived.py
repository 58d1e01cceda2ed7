"""Evidence that is derived: computed from the records at every look, written down when a gate opens."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import Field

from unfelt.conf.language import Message
from unfelt.documents.playbook import Origin
from unfelt.engines.ledger.payload import Payload

MOST_ROWS = 50
"""So many rows are kept by name; the numbers count all."""


class Derived(Payload):
    """Numbers that follow from what is on record, and the first rows that are wanting."""

    kind = "derived"
    label = Message("derived from the records")
    wants = Message("what follows from what is on record, at every look")
    made_by = "unfelt gates"

    weakest: Origin = "derived"
    """Of what it was computed from: it is no better than that."""
    wanting: tuple[str | dict[str, object], ...] = Field(default=(), max_length=MOST_ROWS)
    """Sentences, as text or as a message with its values."""
    upto: int = 0
    """The newest entry of the ledger that it was computed from; 0 while it is on no record."""
    inputs: dict[str, str] = Field(default_factory=dict)
    """Digests of what it was computed from besides: the entry `upto`, the plan, the catalog."""

    @classmethod
    def come_by(cls, plain: Mapping[str, Any]) -> Origin:
        """Derived, or weaker where something weaker decides it."""
        return cast(Origin, plain.get("weakest", "derived"))

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Each row that is wanting."""
        for row in self.wanting:
            yield Message("wanting"), row if isinstance(row, str) else str(Message.of(row))
