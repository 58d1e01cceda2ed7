"""The chain as people read it, with names in the place of tokens."""

import json
from typing import Any

from django.db import connection

from unfelt.engines.ledger.people import names, revealed
from unfelt.engines.ledger.publishing import standings
from unfelt.engines.ledger.sealing import sealing
from unfelt.records.append_only import said
from unfelt.records.models import Checkpoint, Entry

ON_A_PAGE = 50
NEWEST = 12
"""Entries about a change on its page."""
PEOPLE = frozenset(
    [
        "came",
        "covered",
        "member added",
        "member changed",
        "team added",
        "house named",
        "membership",
        "deputy",
        "deputy ended",
        "token made",
        "token revoked",
        "forgotten",
        "left",
        "invited",
        "account opened",
        "sessions ended",
        "password changed",
        "second factor",
        "directory joined",
        "machine token",
        "webhook added",
        "webhook ended",
    ]
)
"""Entries about who may do what."""


def kinds_on_record() -> list[str]:
    """Every kind that an entry has."""
    return sorted(Entry.objects.order_by().values_list("kind", flat=True).distinct())


def entries_of(kind: str, wanted: str, *, before: int | None) -> dict[str, Any]:
    """A page of entries, newest first: of a kind (`people`: about who may do what), whose body holds the words."""
    rows = Entry.objects.order_by("-sequence")
    if kind:
        rows = rows.filter(kind__in=PEOPLE) if kind == "people" else rows.filter(kind=kind)
    if wanted:
        rows = rows.filter(body__icontains=json.dumps(wanted, ensure_ascii=False)[1:-1])
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    found = list(rows[: ON_A_PAGE + 1])
    known = names()
    entries = [_plain(one, known) for one in found[:ON_A_PAGE]]
    signed = Checkpoint.objects.order_by("-sequence").first()
    more = entries[-1]["number"] if len(found) > ON_A_PAGE else None
    sealed = {"signed": signed, "sealing": sealing(), "places": standings()}
    return {"entries": entries, "more": more, "before": before, **sealed}


def newest_about(change: str) -> list[dict[str, Any]]:
    """What was done about a change lately, newest first: by the index over what entries say."""
    where = [f"{said('change', connection.vendor)} = %s"]
    numbers = Entry.objects.extra(where=where, params=[change]).order_by()  # noqa: S610  (the name is a parameter)
    newest = sorted(numbers.values_list("sequence", flat=True))[-NEWEST:]
    known = names()
    return [_plain(one, known) for one in Entry.objects.filter(sequence__in=newest).order_by("-sequence")]


def _plain(one: Entry, known: dict[str, str]) -> dict[str, Any]:
    body = revealed(json.loads(one.body), known)
    return {
        "number": int(one.sequence),
        "at": one.recorded_at.isoformat(),
        "kind": one.kind,
        "by": body.get("by", ""),
        "change": body.get("change", ""),
        "rollout": one.rollout_id or "",
        "digest": one.digest,
        "body": body,
    }


def entry_of(number: int) -> dict[str, Any] | None:
    """One entry whole, with what comes before it."""
    row = Entry.objects.filter(sequence=number).first()
    if row is None:
        return None
    newest = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    signed = Checkpoint.objects.filter(sequence__gte=number).order_by("sequence").first()
    plain = _plain(row, names())
    text = json.dumps(plain["body"], ensure_ascii=False, indent=1)
    return {"one": plain, "text": text, "row": row, "newest": newest, "signed": signed}
