"""A revision: a document as it stands, for ever, named by what it says."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import rfc8785

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.model import Model
from unfelt.documents.playbook import Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.values import ON_RECORD

Document = Change | Catalog | Playbook | Model | Programme


@dataclass(frozen=True, slots=True)
class Revision:
    """An expanded document: `canonical` is RFC 8785 JSON, `digest` its SHA-256 in hexadecimal."""

    id: str
    digest: str
    canonical: str
    document: Document


def expanded(document: Document) -> dict[str, Any]:
    """The whole document as data: defaults filled in, every unit spelled in one way."""
    found: dict[str, Any] = document.model_dump(mode="json", by_alias=True)
    return found


Kept = TypeVar("Kept", Change, Catalog, Playbook, Model, Programme)


def restored(data: Mapping[str, Any]) -> Change:
    """The change that `expanded` wrote down."""
    return restored_as(Change, data)


def restored_as(kind: type[Kept], data: Mapping[str, Any]) -> Kept:
    """The document of that kind that `expanded` wrote down."""
    found: Kept = kind.model_validate(data, context=ON_RECORD)
    return found


def subject_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """The kind and the name of the document that `expanded` wrote down.

    >>> subject_of({"change": {"id": "split"}}), subject_of({"touchpoints": []})
    (('change', 'split'), ('catalog', 'catalog'))
    """
    for kind in ("change", "playbook", "programme", "model"):
        if kind in data:
            return kind, str(data[kind]["id"])
    return "catalog", "catalog"


def revise(document: Document) -> Revision:
    """The revision of the document: equal documents have equal digests, however they were written."""
    canonical = rfc8785.dumps(expanded(document))
    digest = hashlib.sha256(canonical).hexdigest()
    return Revision(f"{_name(document)}@{digest[:12]}", digest, canonical.decode(), document)


def _name(document: Document) -> str:
    if isinstance(document, Change):
        return document.change.id
    if isinstance(document, Playbook):
        return document.playbook.id
    if isinstance(document, Programme):
        return document.programme.id
    return document.model.id if isinstance(document, Model) else "catalog"
