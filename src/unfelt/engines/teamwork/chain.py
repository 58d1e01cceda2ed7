"""What the chain says about changes, for readers of teamwork: bodies with tokens in the place of names."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from unfelt.engines.ledger.gates.deriving import Row
from unfelt.records.append_only import said
from unfelt.records.models import Entry

FIELDS = ("sequence", "kind", "body", "recorded_at", "revision_id")


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry; people in its body are tokens."""

    number: int
    kind: str
    at: datetime
    revision: str
    body: Mapping[str, Any]


def entries_about(changes: Iterable[str] | None, kinds: Collection[str]) -> list[Noted]:
    """The entries of these kinds about these changes, oldest first, by one query; about all changes for None.

    They are chosen by kind here: asked to, a database takes another index than that of changes.
    """
    rows = Entry.objects.order_by()
    if changes is None:
        rows = rows.filter(kind__in=kinds)
    else:
        names = list(changes)
        if not names:
            return []
        places = ", ".join(["%s"] * len(names))
        rows = rows.extra(where=[f"{said('change', connection.vendor)} IN ({places})"], params=names)  # noqa: S610
    return [noted(Row(*row)) for row in sorted(row for row in rows.values_list(*FIELDS) if row[1] in kinds)]


def noted(row: Row) -> Noted:
    """The entry with its body read."""
    return Noted(row.number, row.kind, row.at, row.revision or "", json.loads(row.text))
