"""What the chain says about changes, for readers of teamwork: bodies with tokens in the place of names."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from unfelt.records.append_only import said
from unfelt.records.models import Entry

FIELDS = ("sequence", "kind", "recorded_at", "revision_id", "body")


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry; people in its body are tokens."""

    number: int
    kind: str
    at: datetime
    revision: str
    body: Mapping[str, Any]


def entries_about(
    changes: Iterable[str] | None, kinds: Collection[str], *, before: int | None = None
) -> list[Noted]:
    """The entries of these kinds about these changes, oldest first, by one query; about all changes for None.

    before: as the chain was before that entry.
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
    told = rows.values_list(*FIELDS)
    found = sorted(row for row in told if row[1] in kinds and (before is None or row[0] < before))
    return [
        Noted(number, kind, at, revision or "", json.loads(body)) for number, kind, at, revision, body in found
    ]
