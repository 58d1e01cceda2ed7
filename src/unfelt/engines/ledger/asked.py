"""What the actions of the ledger take."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from unfelt.conf.language import Message
from unfelt.engines.asked import Asked, Number, Short, Words

Reason = Annotated[str, StringConstraints(max_length=2_000)]


class SignAsked(Asked):
    """A signature, or with a reason a refusal."""

    refuse: Reason = ""
    supersedes: Number = 0
    """A signature of theirs in whose place it is; 0: in nobody's."""
    because: Reason = ""


class EvidenceAsked(Asked):
    """The kind, and numbers such as `delivered=98.5%`, in the units of the control's limits."""

    kind: Short
    number: list[Short] = Field(default=[], max_length=100)
    plan_digest: Annotated[str, StringConstraints(max_length=64)] = ""
    """Refused unless the plan has this digest (its first twelve digits are enough): that of the plan it is for."""
    supersedes: Number = 0
    """The record in whose place it is; 0: in nobody's."""
    because: Reason = ""
    """Why that one is corrected."""


class TypedEvidenceAsked(Asked):
    """The same by form: each number is a field of its own, under the name of its limit."""

    kind: Short
    number: dict[str, Words] = Field(default={})
    because: Reason = ""


class RecordAsked(Asked):
    """What was looked at is put on record."""

    seen: Words = ""
    """Its digest: what has changed since is looked at again."""


class EraseAsked(Asked):
    """The bytes of a record are gone for ever."""

    sure: Annotated[Literal["yes"], Message("Tick that the file is gone for ever: nothing was erased.")]
    why: Annotated[
        Reason,
        Field(min_length=1),
        Message("Say why it is erased: the reason stays in its place."),
    ]
