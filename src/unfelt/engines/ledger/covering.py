"""Rows beside the ledger that it holds by digest: taken up with the entry about a change, and held against it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.appending import append
from unfelt.engines.ledger.entries import COVERED
from unfelt.engines.ledger.entry_kinds import COVERS
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.people import token_of
from unfelt.records.covering import COLUMNS, Changed, digest_of, is_there, pending, person_of, row_name
from unfelt.records.models import Coverage, Member

ROWS = COVERS
"""The member of an entry's body: by row its digest before, after, and the token of the member that it is."""
Held = list[str | None]


def taken_up(*, at: datetime) -> dict[str, Held]:
    """What this thread changed since the entry before, for the entry that is being written."""
    changed = pending()
    if not changed:
        return {}
    mine = {one.name: one for one in reversed(changed)}  # The first of several: its digest is the one before.
    changed.clear()
    if not Coverage.objects.exists():
        _take_up_all(mine, at=at)
    return {name: held for name, one in mine.items() if (held := _held(one, at=at)) is not None}


def _held(one: Changed, *, at: datetime) -> Held | None:
    """None where nothing that is held has changed: it was not saved after all, or in other columns."""
    row = one.now
    if isinstance(row, Member):
        token_of(row.name, at=at)
    after = digest_of(row) if row is not None else None
    person = person_of(row) if row is not None else None
    return None if after == one.before else [one.before, after, person.token if person else ""]


def cover_all(*, at: datetime) -> None:
    """Rows of an installation that is older than their digests are taken up as they are now, once."""
    if not Coverage.objects.exists():
        _take_up_all({}, at=at)


def _take_up_all(changed: Mapping[str, Changed], *, at: datetime) -> None:
    found: dict[str, Held] = {}
    for kind in COLUMNS:
        for row in kind._default_manager.order_by("pk").iterator():
            name = row_name(kind, row.pk)
            if isinstance(row, Member):
                token_of(row.name, at=at)
            person = person_of(row)
            digest = changed[name].before if name in changed else digest_of(row)
            if digest is not None:
                found[name] = [None, digest, person.token if person else ""]
    entry = append(COVERED, {ROWS: found}, rollout=None, at=at)
    Coverage.objects.create(pk=1, sequence=entry.sequence)


# Verification


@dataclass(slots=True)
class Covered:
    """What a walk along the chain says about rows: for each its newest entry, digest and person."""

    rows: dict[str, tuple[int, str | None, str]] = field(default_factory=dict)
    is_complete: bool = False
    """Every row is in it: one that is not was put there behind the product's back."""
    breaks: list[tuple[int, str]] = field(default_factory=list)
    """Entries before which a row was another one than its entry before left."""

    def note(self, sequence: int, kind: str, rows: Mapping[str, Any]) -> None:
        """One more entry, in the order of the chain."""
        self.is_complete = self.is_complete or kind == COVERED.name
        for name, (before, after, token) in rows.items():
            known = self.rows.get(name)
            is_same_person = known is None or known[2] in ("", token)
            left = known[1] if known else None
            begins = kind == COVERED.name and known is None
            if is_same_person and not begins and left != (after if kind == COVERED.name else before):
                self.breaks.append((sequence, name))
            self.rows[name] = (sequence, after, token)


def row_faults(covered: Covered, forgotten: set[str]) -> Iterator[Fault]:
    """Rows that are not what their newest entry says, are gone, or that no entry knows."""
    if not covered.rows and not is_there(Coverage):
        return  # Records of an unfelt that held no rows yet.
    for sequence, name in covered.breaks:
        why = Message("the row {row} was not what the ledger had left when it was changed here", row=name)
        yield entry_fault(sequence, why)
    complete = covered.is_complete or Coverage.objects.filter(sequence=0).exists()
    seen = set()
    for kind in COLUMNS:
        for row in kind._default_manager.order_by("pk").iterator():
            name = row_name(kind, row.pk)
            seen.add(name)
            yield from _row_fault(row, name, covered, forgotten, complete=complete)
    for name, (sequence, digest, _token) in covered.rows.items():
        if digest is not None and name not in seen:
            yield Fault(_where(name), Message("it is missing; entry {number} left it there", number=sequence))


def _row_fault(
    row: Any,  # noqa: ANN401
    name: str,
    covered: Covered,
    forgotten: set[str],
    *,
    complete: bool,
) -> Iterator[Fault]:
    if name not in covered.rows:
        if complete or covered.rows:
            yield Fault(_where(name), Message("no entry of the ledger put it there"))
        return
    sequence, digest, token = covered.rows[name]
    if token not in forgotten and digest_of(row) != digest:
        yield Fault(_where(name), Message("it is not what entry {number} left", number=sequence))


def _where(name: str) -> Message:
    return Message("the row {row}", row=name)
