"""What is derived is written down when a gate opens by it, with the digests of what it was computed from."""

import json
from collections.abc import Mapping
from datetime import datetime

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.revision import expanded, restored, restored_as, revise, subject_of
from unfelt.engines.ledger.actions import keep_revision, record
from unfelt.engines.ledger.derived import Derived
from unfelt.engines.ledger.entries import JUDGED_BY
from unfelt.engines.ledger.gates.actions import add_evidence
from unfelt.engines.ledger.gates.drafting import About
from unfelt.engines.ledger.gates.standing import Asked, Evaluation
from unfelt.engines.ledger.standards import Standards
from unfelt.records.models import Entry, Revision


def seal_derived(
    change: Change, place: Standards, found: Evaluation, *, tier: Asked, at: datetime
) -> dict[str, int]:
    """By control, the entry that holds what was derived for it: each is derived again by `unfelt verify`.

    The rows that are wanting are not written down: they name people, and follow from the same entries.
    """
    derived = [one for one in found.controls if one.evidence is not None and one.evidence.kind == "derived"]
    if not derived:
        return {}
    kept = _kept(place, at=at)
    newest = Entry.objects.order_by("-sequence").first()
    upto = newest.sequence if newest is not None else 0
    inputs = {"tier": tier, "plan": revise(change).digest, "ledger": newest.digest if newest is not None else ""}
    inputs |= kept
    about, numbers = About.change(change), {}
    for one in derived:
        payload = Derived.model_validate(one.evidence.payload if one.evidence is not None else {})
        sealed = payload.model_copy(update={"upto": upto, "inputs": inputs, "wanting": ()})
        numbers[one.control.id] = add_evidence(about, one.control, sealed, at=at).number
    return numbers


def _kept(place: Standards, *, at: datetime) -> dict[str, str]:
    """The digests of the playbook, the programme and the catalog, each kept as it is."""
    found: dict[str, str] = {}
    documents: tuple[Playbook | Programme | Catalog | None, ...] = (place.playbook, place.programme, place.catalog)
    for kind, document in zip(("playbook", "programme", "catalog"), documents, strict=True):
        if document is not None:
            found[kind] = keep_standard(document, at=at)
    return found


def keep_standard(document: Playbook | Programme | Catalog, *, at: datetime) -> str:
    """The document is kept as it is, named by an entry once; its digest."""
    revision = revise(document)
    if not Revision.objects.filter(digest=revision.digest).exists():
        kind, name = subject_of(expanded(document))
        keep_revision(kind=kind, name=name, digest=revision.digest, document=revision.canonical, at=at)
        record(JUDGED_BY, {"kind": kind, "name": name}, rollout=None, at=at, revision=revision.digest)
    return revision.digest


def sealed_ground(inputs: Mapping[str, str]) -> tuple[Change, Standards]:
    """The plan and what it was judged by, as they were; KeyError or ValueError where one of them is not there."""
    rows = {row.digest: row.canonical for row in Revision.objects.filter(digest__in=set(inputs.values()))}

    def read(kind: str) -> dict[str, object] | None:
        return json.loads(rows[inputs[kind]]) if kind in inputs else None

    programme, catalog = read("programme"), read("catalog")
    return restored(read("plan") or {}), Standards(
        restored_as(Playbook, read("playbook") or {}),
        restored_as(Programme, programme) if programme is not None else None,
        restored_as(Catalog, catalog) if catalog is not None else None,
    )
