"""Rows beside the ledger that it holds by digest: who may do what, and what was said."""

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.signals import pre_delete, pre_save

from unfelt.records.changes import Comment
from unfelt.records.members import Deputy, Member, Membership, Team, Token
from unfelt.records.people import Person

COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Member: ("email", "roles", "is_active"),
    Team: ("title",),
    Membership: ("member_id", "team_id", "roles"),
    Deputy: ("member_id", "stands_in_id", "since", "until"),
    Token: ("member_id", "scopes", "digest", "until", "revoked_at"),
    Comment: ("change", "control", "by", "text", "said_at"),
}
"""Each table with the columns that are held; a member's name as the person that it is in the ledger."""
_changing = threading.local()


def person_of(row: Model) -> Person | None:
    """Under which token the ledger knows the member; None for other rows, and for one that it does not know."""
    return Person.objects.filter(name=row.name).first() if isinstance(row, Member) else None


def digest_of(row: Model) -> str:
    """SHA-256 over what is held of the row, with the salt of the person, so that who is erased is not guessed."""
    person = person_of(row)
    held: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS[type(row)]}
    if isinstance(row, Member):
        held["person"] = person.token if person else ""
    text = json.dumps(held, sort_keys=True, default=_spelled)
    salt = person.salt if person else ""
    return hashlib.sha256(f"{salt}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _spelled(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that is being changed, and its digest before; None for a new one."""

    row: Model
    key: object
    before: str | None

    @property
    def now(self) -> Model | None:
        """The row as the database has it; None where it is not there."""
        return stored(type(self.row), self.key if self.key is not None else self.row.pk)

    @property
    def name(self) -> str:
        """How the ledger calls it: `membership/12`."""
        return row_name(type(self.row), self.key if self.key is not None else self.row.pk)


def is_there(kind: type[Model]) -> bool:
    """The records have its table: those of an older unfelt, looked at and not written, may not."""
    return kind._meta.db_table in connection.introspection.table_names()


def row_name(kind: type[Model], key: object) -> str:
    """How the ledger calls a row: `membership/12`."""
    return f"{kind._meta.model_name}/{key}"


def stored(kind: type[Model], key: object) -> Model | None:
    """The row as the database has it."""
    found: Model | None = kind._default_manager.filter(pk=key).first()
    return found


def note(row: Model) -> None:
    """The row is about to change: what it held before is remembered until the entry about it is written."""
    before = stored(type(row), row.pk)
    pending().append(Changed(row, row.pk, digest_of(before) if before else None))


def pending() -> list[Changed]:
    """Rows that this thread has changed since its newest entry."""
    if not hasattr(_changing, "rows"):
        _changing.rows = []
    rows: list[Changed] = _changing.rows
    return rows


def _saving(instance: Model, update_fields: frozenset[str] | None = None, **_more: object) -> None:
    held = {name.removesuffix("_id") for name in (*COLUMNS[type(instance)], "name")}
    if update_fields is None or held & set(update_fields):
        note(instance)


def _deleting(instance: Model, **_more: object) -> None:
    note(instance)


def watch() -> None:
    """From here on whoever saves or deletes such a row has noted it."""
    for kind in COLUMNS:
        pre_save.connect(_saving, sender=kind, dispatch_uid=f"covering {kind.__name__}")
        pre_delete.connect(_deleting, sender=kind, dispatch_uid=f"covering {kind.__name__}")
