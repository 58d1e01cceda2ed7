"""Restoring: all of it beside its place first, checked; then it is there at once, with every customer on old."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.db import connection, transaction

from unfelt.conf.database import connect, home_database
from unfelt.conf.language import Message
from unfelt.rollout.backup import BackupError
from unfelt.rollout.backup.archive import unpack
from unfelt.rollout.backup.postgres import load
from unfelt.rollout.places import Places


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: of which moment, the rollouts that were under way then, and whether it can sign."""

    made_at: str
    under_way: tuple[str, ...]
    has_keys: bool


def must_be_empty(home: Path) -> None:
    """BackupError where something is there: nothing is ever written over."""
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BackupError(
            Message("{home} is not empty: restore into a directory that is not there yet.", home=home)
        )


def restore(
    archive: Path,
    home: Path,
    database: str | None,
    *,
    passphrase: Callable[[], str],
    by: str,
    at: datetime,
    progress: Callable[[int], None],
) -> Restored:
    """The installation of the backup is in that directory, or nothing is.

    database: of PostgreSQL, where the backup is of one. passphrase: asked for where the backup holds keys.
    """
    must_be_empty(home)
    with _beside(home) as draft:
        manifest = unpack(archive, draft, progress=progress)
        has_keys = _open_keys(draft, passphrase)
        _records(draft, database, manifest)
        under_way = _put_on_record(draft, home, manifest, by=by, at=at)
        connection.close()
        must_be_empty(home)
        if home.exists():
            home.rmdir()
        draft.rename(home)
    return Restored(str(manifest["made_at"]), under_way, has_keys)


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    home.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{home.name}-restoring-", dir=home.parent.resolve()))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_keys(draft: Path, passphrase: Callable[[], str]) -> bool:
    sealed = [
        path for path in (Places(draft).keys / "signing.pem", Places(draft).keys / "next.pem") if path.exists()
    ]
    secret = passphrase().encode() if sealed else b""
    for path in sealed:
        try:
            key = load_pem_private_key(path.read_bytes(), secret)
        except (ValueError, TypeError) as error:
            raise BackupError(Message("The passphrase does not open the keys of this backup.")) from error
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return bool(sealed)


def _records(draft: Path, database: str | None, manifest: dict[str, Any]) -> None:
    """Django speaks to the restored records from here on, with the tables of this version."""
    if (draft / "records.pgdump").exists():
        if database is None or database.startswith("sqlite:"):
            raise BackupError(
                Message(
                    "The records of this backup are of PostgreSQL: name an empty database with --database URL."
                )
            )
        _must_be_known(database, draft, manifest)
        _must_have_no_tables()
        load(database, draft / "records.pgdump")
        (draft / "records.pgdump").unlink()
    elif database is not None and not database.startswith("sqlite:"):
        raise BackupError(Message("The records of this backup are of SQLite: restore without --database."))
    else:
        _must_be_sound(draft / "records.db")
        _must_be_known(home_database(draft), draft, manifest)
    from django.conf import settings

    connect(settings.UNFELT_DATABASE)


def _must_be_known(url: str, draft: Path, manifest: dict[str, Any]) -> None:
    connect(url, migrate=False, keys=Places(draft).keys)
    from unfelt.rollout.backup.schema import unknown

    newer = unknown(list(manifest["schema"]))
    if newer:
        said = Message(
            "The backup is of unfelt {version}, which has tables that this one does not know ({name}): restore it "
            "with that version or a later one.",
            version=str(manifest.get("unfelt")),
            name=newer[0],
        )
        raise BackupError(said)


def _must_have_no_tables() -> None:
    found = [name for name in connection.introspection.table_names() if name.startswith("records_")]
    if found:
        raise BackupError(Message("The database is not empty: it has the table {name}.", name=found[0]))


def _must_be_sound(records: Path) -> None:
    if not records.exists():
        raise BackupError(Message("The backup holds no records."))
    try:
        with closing(sqlite3.connect(records)) as opened:
            said = opened.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(
            Message("The records of the backup are damaged: {problem}", problem=str(error))
        ) from error
    if said != "ok":
        raise BackupError(Message("The records of the backup are damaged: {problem}", problem=str(said)))


def _put_on_record(draft: Path, home: Path, manifest: dict[str, Any], *, by: str, at: datetime) -> tuple[str, ...]:
    """That it was restored; no rollout of then goes on, and their routers accept nothing but old."""
    from unfelt.engines.ledger.actions import record
    from unfelt.records.models import Rollout
    from unfelt.rollout.entries import RESTORED
    from unfelt.rollout.people import note_back

    places = Places(draft)
    rows = list(Rollout.objects.filter(ended=None).order_by("began"))
    said = {
        "by": by,
        "backup": manifest["digest"],
        "made_at": manifest["made_at"],
        "rollouts": [r.id for r in rows],
    }
    with transaction.atomic():
        record(RESTORED, said, rollout=None, at=at)
        for row in Rollout.objects.all():
            router = os.path.join(str(home.absolute()), "routers", Path(row.directory).name)
            Rollout.objects.filter(pk=row.pk).update(directory=router)
        for row in rows:
            if not note_back(row, places=places, by=by, at=at):
                raise BackupError(Message("Rollout {rollout} could not be ended on old.", rollout=row.id))
            _latch(places.home / "routers" / Path(row.directory).name)
    return tuple(row.id for row in rows)


def _latch(directory: Path) -> None:
    from unfelt.adapters.routers.handles import handle

    if directory.is_dir():
        handle(directory).put_latch(directory)
