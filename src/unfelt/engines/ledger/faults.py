"""What verification finds."""

from dataclasses import dataclass
from typing import Any

from unfelt.conf.language import Message


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not what was written.

    where: the row, spelled for people. sequence: of the ledger's entry, where it is one.
    """

    where: Message
    why: Message
    sequence: int | None = None

    def plain(self) -> dict[str, Any]:
        """As plain data, in the language in force."""
        return {"sequence": self.sequence, "where": str(self.where), "why": str(self.why)}

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


def entry_fault(sequence: int, why: Message) -> Fault:
    """An entry of the ledger is not what was written."""
    return Fault(Message("entry {sequence}", sequence=sequence), why, sequence)
