"""What gates are decided on: evidence and waivers, as values."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import rfc8785

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.playbook import Origin
from unfelt.documents.registered import EvidenceKind

Verdict = Literal["pass", "fail", "inconclusive", "not_run"]


class GateError(NotDoneError):
    """Evidence or a waiver that cannot be: `message` says what and what to do."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record of what was found.

    found_at: when it was found, not when it was written down. until: when it ends to count, None by the control's
    own validity. parts: the plan's parts that it relies on, each by its digest. number: its place in the ledger.
    payload and limits: what the verdict follows from; limits None where that was not kept. programme: the
    programme that it is inherited from, which knows no plan. origin: how it was come by. candidate: what was
    tried, empty where nothing was or the plan did not name it. artefacts: digests of the bytes that are kept with
    it. supersedes: the record in whose place it is, because of what `because` says; 0 for none.
    """

    control: str
    kind: EvidenceKind
    verdict: Verdict
    found_at: datetime
    parts: Mapping[str, str]
    why: str | Message = ""
    by: str = ""
    until: datetime | None = None
    number: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, str] | None = None
    programme: str = ""
    origin: Origin = "stated"
    candidate: str = ""
    artefacts: tuple[str, ...] = ()
    supersedes: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A control that applies is let pass: for a reason, up to an end, by two people."""

    control: str
    reason: str
    by: str
    agreed_by: str
    given_at: datetime
    until: datetime


def part_digests(plan: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, str]:
    """Each part of an expanded plan that the JSON Pointers (RFC 6901) name, by SHA-256 of its canonical form.

    A part that is not there is null: adding it changes the digest.

    >>> part_digests({"a": {"b": 1}}, ["/a/b"]) == part_digests({"a": {"b": 1, "c": 2}}, ["/a/b"])
    True
    >>> part_digests({"a": {"b": 1}}, ["/a"]) == part_digests({"a": {"b": 1, "c": 2}}, ["/a"])
    False
    """
    return {pointer: hashlib.sha256(rfc8785.dumps(_part(plan, pointer))).hexdigest() for pointer in pointers}


def _part(plan: Any, pointer: str) -> Any:  # noqa: ANN401  (any JSON)
    here = plan
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and name.isdecimal() and int(name) < len(here):
            here = here[int(name)]
        elif isinstance(here, dict) and name in here:
            here = here[name]
        else:
            return None
    return here
