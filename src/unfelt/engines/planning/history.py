"""Plans as they followed each other, and the windows of other changes beside: read from the records."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from unfelt.documents.change import Change
from unfelt.documents.moments import parse_moment
from unfelt.records.models import ChangeRow, Entry, Revision, Rollout

Span = tuple[datetime, datetime]
Others = Sequence[tuple[str, Span]]
"""Other changes and their windows."""
MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Planned:
    """What a revision says of its window, and the parts of the plan that it gives a reason for.

    part_of: the change that it is a part or a consequence of; empty where it is of none.
    """

    window: Span | None
    adjusted: tuple[str, ...]
    touches: frozenset[str]
    part_of: str = ""


_kept: dict[str, Planned] = {}
"""By digest: a revision never says anything else."""


def planned(changes: Iterable[Change]) -> Mapping[str, Planned]:
    """Every revision of the changes that is on record, by its digest."""
    rows = Revision.objects.filter(kind="change", name__in=[one.change.id for one in changes])
    return {digest: _read(digest, canonical) for digest, canonical in rows.values_list("digest", "canonical")}


def _read(digest: str, canonical: str) -> Planned:
    found = _kept.get(digest)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[digest] = _planned(canonical)
    return found


def _planned(canonical: str) -> Planned:
    plan = json.loads(canonical)
    window = plan.get("window")
    span = (parse_moment(window["from"]), parse_moment(window["to"])) if window else None
    parts = tuple(str(one.get("part", "")) for one in plan.get("adjusted", ()))
    part_of = str(plan.get("change", {}).get("part_of") or "")
    return Planned(span, parts, frozenset(plan.get("touches", ())), part_of)


def windows_beside(changes: Sequence[Change], now: datetime, before: int | None) -> Mapping[str, Others]:
    """For each change with a window, the unfinished others on record that touch the same, whose windows meet it.

    before: as the records were before that entry of the ledger.
    """
    asked = [one for one in changes if one.window is not None and one.touches]
    if not asked:
        return {}
    done = set(Rollout.objects.filter(state="done", ended__lte=now).values_list("change", flat=True))
    newest = _newest(asked) if before is None else _newest_before(before)
    found: dict[str, list[tuple[str, Span]]] = defaultdict(list)
    for change in asked:
        for name, other in newest:
            if name == change.change.id or name in done or other.window is None:
                continue
            if other.touches.intersection(change.touches):
                found[change.change.id].append((name, other.window))
    return found


def unproved_parts(
    changes: Sequence[Change], now: datetime, before: int | None
) -> Mapping[str, Mapping[str, bool]]:
    """By change, the changes that are a part or a consequence of it, and whether a rollout has proved each."""
    ids = {one.change.id for one in changes}
    plans = _plans(Q(part_of__in=ids)) if before is None else _newest_before(before)
    found: dict[str, list[str]] = defaultdict(list)
    for name, plan in plans:
        if plan.part_of in ids:
            found[plan.part_of].append(name)
    names = [name for some in found.values() for name in some]
    rows = Rollout.objects.filter(change__in=names, state="done", ended__lte=now)
    proved = set(rows.values_list("change", flat=True))
    return {parent: {name: name in proved for name in some} for parent, some in found.items()}


def others_touching(change: Change) -> Iterator[tuple[str, Span]]:
    """Unfinished changes on record that touch the same, with their windows."""
    done = set(Rollout.objects.filter(state="done").values_list("change", flat=True))
    for name, plan in _plans(Q(starts__isnull=False)):
        is_other = name != change.change.id and name not in done
        if is_other and plan.window is not None and plan.touches.intersection(change.touches):
            yield name, plan.window


def _newest(asked: Sequence[Change]) -> list[tuple[str, Planned]]:
    """Every change whose window meets one of these, by its newest revision."""
    wanted = Q()
    for one in asked:
        if one.window is not None:
            wanted |= Q(starts__lt=one.window.end, ends__gt=one.window.start)
    return list(_plans(wanted))


def _plans(wanted: Q) -> Iterator[tuple[str, Planned]]:
    rows = ChangeRow.objects.filter(wanted).order_by("name")
    for name, digest, canonical in rows.values_list("name", "revision_id", "revision__canonical"):
        yield name, _read(digest, canonical)


def _newest_before(number: int) -> list[tuple[str, Planned]]:
    """Every change by the revision that was the newest before that entry of the ledger."""
    rows = (
        Entry.objects.filter(kind="planned", sequence__lt=number).order_by("sequence").select_related("revision")
    )
    newest = {json.loads(one.body)["change"]: one.revision for one in rows}
    return [(name, _read(row.digest, row.canonical)) for name, row in newest.items() if row is not None]
