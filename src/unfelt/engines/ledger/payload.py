"""What evidence of a kind holds: what every kind has, and how a kind is found by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Origin
from unfelt.documents.registered import EvidenceKind
from unfelt.engines.ledger.gates.facts import GateError, Verdict
from unfelt.engines.ledger.reports.form import Report

Said = tuple[Verdict, Message]


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody brings: numbers, and of its file the name, the content, and the report that it may be.

    against: the name of the report of the old version; against_digest: of its content. peak: requests a second.
    parts: headings that a document must have. typed: the numbers that a person typed or named anew.
    """

    numbers: Mapping[str, float]
    name: str = ""
    content: bytes | None = None
    report: Report | None = None
    against: str = ""
    against_digest: str = ""
    peak: float | None = None
    parts: tuple[str, ...] = ()
    dated: date | None = None
    until: date | None = None
    typed: tuple[str, ...] = ()


class Payload(BaseModel):
    """What evidence of one kind holds: numbers by name (counts, parts as fractions, seconds), and what of."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    numbers: dict[str, float] = Field(default_factory=dict)
    kind: ClassVar[str]
    """Under which it is registered, and what people type."""
    label: ClassVar[Message]
    wants: ClassVar[Message] = Message("what answers the control's question")
    """What people are asked to bring, or what unfelt makes it of."""
    speaks: ClassVar[bool] = False
    """It answers without any limit: a program that ended well, a paper that has its parts, a person's word."""
    is_brought: ClassVar[bool] = False
    """People bring it: `bring` makes it of what they give."""
    made_by: ClassVar[str] = ""
    """The command of unfelt that alone makes it; empty where there is none."""
    origin: ClassVar[Origin] = "stated"
    """How evidence of this kind is come by at best."""
    tries: ClassVar[bool] = False
    """Something is tried: another candidate makes it stale."""

    @classmethod
    def bring(cls, given: Given) -> "Payload":
        """Made of what somebody brings; GateError where that will not do."""
        raise GateError(Message("Evidence of kind {kind} is brought by nobody.", kind=cls.kind))

    @classmethod
    def come_by(cls, plain: Mapping[str, Any]) -> Origin:
        """How evidence that holds this was come by."""
        return cls.origin

    def ruled(self) -> Said | None:
        """The verdict that follows whatever the limits are; None where the numbers decide."""
        return None

    def follows(self) -> bool:
        """Its numbers are those of the raw data that it holds, where it holds some."""
        return True

    def between(self, name: str) -> tuple[float, float] | None:
        """Between which the number lies, where it was estimated; None where it was counted."""
        return None

    def lines(self) -> Iterator[tuple[Message, str]]:
        """What a page shows of it, line by line: a label and a text."""
        yield from ()


def form_of(kind: str) -> type[Payload]:
    """What evidence of that kind holds; UnknownPartError where the kind is not registered (any more)."""
    form: type[Payload] = plugins.part("evidence", kind)
    return form


def come_by(kind: str, plain: Mapping[str, Any]) -> Origin:
    """How evidence of that kind which holds this was come by; stated where nobody knows the kind here."""
    try:
        return form_of(kind).come_by(plain)
    except plugins.UnknownPartError:
        return "stated"


def is_known(kind: str) -> bool:
    """Evidence of that kind can be read here: whoever added it is installed."""
    return kind in plugins.names("evidence")


def brought_kinds(control: Control) -> list[EvidenceKind]:
    """The kinds that the control takes and people bring: no signature, and nothing that unfelt itself makes."""
    return [kind for kind in control.evidence if form_of(kind).is_brought]
