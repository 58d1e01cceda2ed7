"""What is on record about one control, with what was corrected since and what was erased."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from unfelt.engines.ledger.erasing import Stone, stones_of
from unfelt.engines.ledger.gates.facts import Evidence
from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.engines.ledger.gates.superseding import superseded
from unfelt.engines.ledger.payload import form_of, is_known
from unfelt.records.models import Artefact


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Bytes that are kept with a record, by digest; stone: what is left where they were erased."""

    digest: str
    stone: Stone | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A record as people see it: what took its place, the files kept with it, and whether it can be corrected."""

    evidence: Evidence
    by: Evidence | None
    files: tuple[KeptFile, ...]
    is_correctable: bool


def records_of(change: str, control: str) -> list[Recording]:
    """Everything on record about one control of a change, newest first."""
    found = [one for one in evidence_of(change) if one.control == control]
    gone = superseded(found)
    stones = stones_of(digest for one in found for digest in one.artefacts)
    return [
        Recording(
            one,
            gone.get(one.number),
            tuple(KeptFile(digest, stones.get(digest)) for digest in one.artefacts),
            one.number not in gone and _is_correctable(one),
        )
        for one in reversed(found)
    ]


def record_of(change: str, control: str, number: int) -> Evidence | None:
    """That record, if it is about that control of that change."""
    return next((one for one in evidence_of(change) if (one.control, one.number) == (control, number)), None)


def bytes_of(digest: str) -> bytes | None:
    """What is kept under that digest; None where it is not, or not any more."""
    content = Artefact.objects.filter(digest=digest).values_list("content", flat=True).first()
    return bytes(content) if content is not None else None


def file_called(one: Evidence, digest: str) -> str:
    """How a file that is kept with the record is called where somebody saves it."""
    ending = PurePath(str(one.payload.get("name", ""))).suffix
    known = ending if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", ending) else ".txt"
    return f"evidence-{one.number}-{digest[:12]}{known}"


def _is_correctable(one: Evidence) -> bool:
    """By somebody at least: see `superseding.why_not`."""
    if one.kind == "sign-off":
        return True
    is_brought = is_known(one.kind) and form_of(one.kind).is_brought
    return is_brought and not (one.verdict == "fail" and one.origin == "read")
