"""Checkpoints as they are published: one line of JSON each, which says alone what was signed, by which key."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from unfelt.conf.language import Message
from unfelt.engines.ledger.checking import Ledger, vouched
from unfelt.engines.ledger.checkpoints import Signed, is_good
from unfelt.engines.ledger.faults import Fault
from unfelt.engines.ledger.keys import KeyRingError
from unfelt.records.models import Checkpoint

MARK = '{"payload":"'
"""How a published checkpoint begins; it is found by it in a mail too."""
LARGEST = 1_000_000
"""Bytes of a file that may hold checkpoints."""


def text_of(row: Checkpoint) -> str:
    """What is published of it: its envelope, and nothing that the envelope does not sign."""
    return str(row.envelope) + "\n"


def name_of(sequence: int) -> str:
    """What the file of a checkpoint is called, in the order of the chain."""
    return f"checkpoint-{sequence:012d}.json"


def read_published(path: Path) -> tuple[Signed, ...]:
    """The checkpoints in this file, or in the files below this directory; KeyRingError where there are none."""
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    found = tuple(signed for file in files if ".git" not in file.parts for signed in _in(file))
    if not found:
        raise KeyRingError(
            Message("{file} holds no checkpoint: a line that begins with {mark}", file=str(path), mark=MARK)
        )
    return found


def _in(file: Path) -> Iterator[Signed]:
    with file.open("rb") as opened:
        content = opened.read(LARGEST)
    for line in _text(content, is_mail=file.suffix == ".eml").splitlines():
        if line.startswith(MARK):
            try:
                yield _read(line.strip())
            except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
                raise KeyRingError(
                    Message("{file}: a checkpoint cannot be read: {problem}", file=str(file), problem=str(error))
                ) from error


def _text(content: bytes, *, is_mail: bool) -> str:
    if not is_mail:
        return content.decode(errors="replace")
    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _read(line: str) -> Signed:
    envelope: dict[str, Any] = json.loads(line)
    (key,) = (one["keyid"] for one in envelope["signatures"])
    statement = json.loads(bytes(Envelope.from_dict(json.loads(line)).payload))
    said = statement["predicate"]
    return Signed(
        int(said["sequence"]),
        str(statement["subject"][0]["digest"]["sha256"]),
        str(key),
        line,
        datetime.fromisoformat(said["signed_at"]),
    )


def held_against(published: Sequence[Signed], ledger: Ledger, trusted: Mapping[str, SSlibKey]) -> Iterator[Fault]:
    """What a published checkpoint says and the chain does not: it was cut, or written anew."""
    known = vouched(ledger, trusted)
    kept = dict(Checkpoint.objects.values_list("sequence", "envelope"))
    for signed in published:
        why = _difference(signed, ledger, known, kept)
        if why is not None:
            where = Message("the published checkpoint {sequence}", sequence=signed.sequence)
            yield Fault(where, why, signed.sequence)


def _difference(
    signed: Signed, ledger: Ledger, known: Mapping[str, SSlibKey], kept: Mapping[int, str]
) -> Message | None:
    if not is_good(signed, known):
        return Message("its signature is not good, or by no key of this ledger")
    if signed.sequence not in ledger.digests:
        return Message("the chain ends before it: entries were cut off")
    if ledger.digests[signed.sequence] != signed.digest:
        return Message("entry {number} or one before it was written anew since", number=signed.sequence)
    if kept.get(signed.sequence) != signed.envelope:
        return Message("its signature is no longer on record")
    return None
