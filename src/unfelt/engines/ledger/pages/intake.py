"""Evidence that people bring, the same by the console and by the API: who may, for what, and what it becomes."""

import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control
from unfelt.documents.revision import revise
from unfelt.engines.ledger.asked import SignAsked
from unfelt.engines.ledger.gates.actions import Recorded, put_on_record
from unfelt.engines.ledger.gates.drafting import About, Correction, Draft, drafted, must_take
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.gates.foreseeing import Foreseen, foreseen
from unfelt.engines.ledger.gates.tiers import agree_to_lower
from unfelt.engines.ledger.intake import Brought, brought, must_be_brought
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NoRightError
from unfelt.engines.people.rights import Reader
from unfelt.engines.rights import Role
from unfelt.queries.changes import Shown
from unfelt.records.business_time import business_now
from unfelt.web.frame.forms import pressed

LARGEST = 20_000_000
"""Bytes of a file that is brought."""
LONGEST_NAME = 200
"""Bytes of its name that are kept."""
SHORTEST_DIGEST = 12


def may_bring(known: Reader, control: Control, team: str) -> bool:
    """They may sign in that team, and hold the control's role there or one that the playbook names beside it."""
    return known.may("sign", team) and not known.roles(team).isdisjoint((control.owner, *control.brought_by))


def must_bring(known: Reader, control: Control, team: str) -> None:
    """NoRightError where evidence for the control is not theirs to bring."""
    if not may_bring(known, control, team):
        raise NoRightError(control.owner, *control.brought_by)


def must_be_asked(shown: Shown, control: Control) -> None:
    """GateError where the change is not asked for the control: nothing is put on record for later."""
    standing = next(one for one in shown.found.controls if one.control.id == control.id)
    if standing.state == "not_applicable":
        said = Message("{control} is not asked of this change: {why}", control=control.id, why=standing.why)
        raise GateError(said)


def refusal_in(request: HttpRequest, asked: SignAsked) -> str:
    """Why they refuse, where they pressed that they do; empty where they sign."""
    if pressed(request, "answer") != "no":
        return ""
    if not asked.refuse:
        raise GateError(Message("Say why you refuse."))
    return asked.refuse


def may_agree_to_less(known: Reader, shown: Shown) -> bool:
    """They hold a role that gives waivers, in the change's team."""
    return known.may("waive", shown.team) and not known.roles(shown.team).isdisjoint(_agreeing())


def agree_to_less(known: Reader, shown: Shown, *, by: str) -> int:
    """A second member agrees that the change is taken less carefully than before."""
    if not may_agree_to_less(known, shown):
        raise NoRightError(*_agreeing())
    return agree_to_lower(shown.change, standards().playbook, by=by, at=business_now())


def _agreeing() -> tuple[Role, ...]:
    return standards().playbook.playbook.may_waive


def must_be_plan(shown: Shown, digest: str) -> None:
    """GateError where the evidence was found for another plan than the newest, if its digest is given."""
    now = revise(shown.change).digest
    if digest and (len(digest) < SHORTEST_DIGEST or not now.startswith(digest.lower())):
        raise GateError(
            Message(
                "The plan is another one now: {now}, and not {digest}. Evidence for an old plan is not taken.",
                now=now,
                digest=digest,
            )
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sends as evidence: its kind, numbers, a file by name and content, and what it corrects."""

    kind: str
    numbers: Mapping[str, float]
    file: str = ""
    content: bytes | None = None
    supersedes: int = 0
    because: str = ""


def bring(known: Reader, shown: Shown, control: Control, sent: Sent, *, at: datetime) -> Recorded:
    """It is on record with the verdict of what it says. NoRightError or GateError where it is not taken."""
    return put_on_record(draft_of(known, shown, control, sent, at=at), at=at)


def draft_of(known: Reader, shown: Shown, control: Control, sent: Sent, *, at: datetime) -> Draft:
    """As it would stand on record; nothing is written. NoRightError or GateError where it would not be taken."""
    must_bring(known, control, shown.team)
    must_be_brought(sent.kind)
    must_take(control, sent.kind)
    must_be_asked(shown, control)
    with tempfile.TemporaryDirectory() as place:
        path = None
        if sent.content is not None:
            path = Path(place) / file_name(sent.file)
            path.write_bytes(sent.content)
        found = brought(Brought(kind=sent.kind, numbers=sent.numbers, file=path))
    return drafted(
        About.change(shown.change),
        control,
        found.payload,
        at=at,
        by=known.name,
        artefact=found.content,
        beside=found.beside,
        corrects=Correction(sent.supersedes, sent.because) if sent.supersedes else None,
    )


def what_it_does(draft: Draft, shown: Shown, *, at: datetime) -> Foreseen:
    """Its numbers, its verdict, and what it would do at the change's gates."""
    return foreseen(draft, shown.change, standards(), now=at)


def read_in(file: UploadedFile | None) -> tuple[str, bytes | None]:
    """The uploaded file's name and content; GateError where it is too large."""
    if file is None:
        return "", None
    if file.size > LARGEST:
        raise GateError(Message("A file of at most {n} MB is due.", n=LARGEST // 1_000_000))
    return file_name(str(file.name)), file.read()


def file_name(given: str) -> str:
    """A name that any file system takes: the last part, printable, its ending kept where it is too long.

    >>> file_name("../../etc/junit.xml"), file_name("..")
    ('junit.xml', 'file')
    """
    last = PurePath(given.replace("\\", "/")).name
    clean = "".join(one for one in last if one.isprintable() and unicodedata.category(one) != "Cs").strip()
    ending = PurePath(clean).suffix[:20]
    room = LONGEST_NAME - len(ending.encode())
    stem = clean.removesuffix(ending).encode()[:room].decode(errors="ignore")
    name = f"{stem}{ending}"
    return "file" if name.strip(".") == "" else name
