"""A revision: a document as it stands, for ever, named by what it says."""

import hashlib
from dataclasses import dataclass
from typing import Any

import rfc8785

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.documents.values import READING


@dataclass(frozen=True, slots=True)
class Revision:
    """An expanded document: `canonical` is RFC 8785 JSON, `digest` its SHA-256 in hexadecimal."""

    id: str
    digest: str
    canonical: str
    document: Change | Catalog | Playbook


def expanded(document: Change | Catalog | Playbook) -> dict[str, Any]:
    """The whole document as data: defaults filled in, every unit spelled in one way."""
    found: dict[str, Any] = document.model_dump(mode="json", by_alias=True)
    return found


def restored(data: dict[str, Any]) -> Change:
    """The change that `expanded` wrote down."""
    return Change.model_validate(data, context=READING)


def revise(document: Change | Catalog | Playbook) -> Revision:
    """The revision of the document: equal documents have equal digests, however they were written."""
    canonical = rfc8785.dumps(expanded(document))
    digest = hashlib.sha256(canonical).hexdigest()
    name = "catalog"
    if isinstance(document, Change):
        name = document.change.id
    elif isinstance(document, Playbook):
        name = document.playbook.id
    return Revision(f"{name}@{digest[:12]}", digest, canonical.decode(), document)
