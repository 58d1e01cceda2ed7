"""Kinds of ledger entries: each says which of its members are people, so that no name gets into the chain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unfelt.conf import plugins
from unfelt.conf.language import Message

COVERS = "covers"
"""The member that any entry may have: the rows that were changed with it."""


class UndeclaredError(TypeError):
    """An entry has a member that its kind does not declare: nobody knows whether it names a person."""


@dataclass(frozen=True, slots=True)
class EntryKind:
    """A kind of entry: its name in the chain, what people call it, and what its body holds.

    people: members that name a person; the chain holds a token in their place.
    holds: all other members; None where its keys are data. at_once: it is signed for as it is written.
    keeps: those of them that name an artefact by its SHA-256, kept as it was written.
    """

    name: str
    label: Message
    people: tuple[str, ...] = ()
    holds: tuple[str, ...] | None = ()
    at_once: bool = False
    keeps: tuple[str, ...] = ()

    def must_declare(self, body: Mapping[str, Any]) -> None:
        """UndeclaredError for a body with a member that is neither."""
        if self.holds is None:
            return
        unknown = sorted(body.keys() - {*self.people, *self.holds, COVERS})
        if unknown:
            said = f"ledger entry {self.name!r}: {', '.join(unknown)} is not declared; name it in people or holds"
            raise UndeclaredError(said)


def entry_kinds() -> Mapping[str, EntryKind]:
    """Every kind that an engine registers, by its name in the chain."""
    return plugins.registered("entries", "KINDS")


def label_of(name: str) -> str:
    """What people call that kind; one that nobody registers, as it stands in the chain."""
    kind = entry_kinds().get(name)
    return str(kind.label) if kind else name
