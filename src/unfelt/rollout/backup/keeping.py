"""Making a backup: the records at one moment, then the files beside them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

import unfelt
from unfelt.conf.language import Message
from unfelt.records.models import Rollout
from unfelt.rollout.backup import BackupError
from unfelt.rollout.backup.archive import TOPS, Item, whole_or_none, write_archive
from unfelt.rollout.backup.postgres import dump
from unfelt.rollout.backup.schema import applied
from unfelt.rollout.places import Places

PRIVATE = ("signing.pem", "next.pem")
"""Keys that are encrypted in a backup, or left out."""
OF_A_PROCESS = {"lease.json", "keeper.json"}
OF_A_PROCESS_ENDS = (".sock", ".lock", ".key", ".draft", ".part")
"""What means something to processes that run now, or is a secret that is made anew."""


@dataclass(frozen=True, slots=True)
class Made:
    """What is in a backup: how many files, the digest of its manifest, the rollouts that were under way."""

    files: int
    digest: str
    under_way: tuple[str, ...]
    has_keys: bool


def back_up(
    home: Path,
    database: str,
    target: Path,
    *,
    passphrase: str | None,
    at: datetime,
    progress: Callable[[int, int], None],
) -> Made:
    """The whole installation is in that file, or there is no such file; without a passphrase no key that signs.

    progress: told how many bytes of how many are done.
    """
    under_way = tuple(Rollout.objects.filter(ended=None).order_by("began").values_list("id", flat=True))
    with (
        whole_or_none(target) as draft,
        TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as directory,
    ):
        items = [_records(database, Path(directory)), *_keys(home, Path(directory), passphrase), *_files(home)]
        total, done = sum(item.path.stat().st_size for item in items), 0

        def count(piece: int) -> None:
            nonlocal done
            done += piece
            progress(done, total)

        has_keys = any(item.name == f"keys/{PRIVATE[0]}" for item in items)
        about = {
            "unfelt": unfelt.__version__,
            "schema": applied(),
            "made_at": at.isoformat(),
            "rollouts_under_way": under_way,
            "keys": "encrypted" if has_keys else "left out",
        }
        digest = write_archive(draft, items, about, progress=count)
    return Made(len(items), digest, under_way, has_keys)


def _records(database: str, directory: Path) -> Item:
    if not database.startswith("sqlite:"):
        item = Item("records.pgdump", directory / "records.pgdump")
        dump(database, item.path)
        return item
    item = Item("records.db", directory / "records.db")
    with (
        closing(sqlite3.connect(urlsplit(database).path[1:])) as source,
        closing(sqlite3.connect(item.path)) as copy,
    ):
        source.backup(copy)  # In one step: writers go on, and the copy is of one moment.
    return item


def _keys(home: Path, directory: Path, passphrase: str | None) -> Iterator[Item]:
    keys = Places(home).keys
    for path in sorted(keys.glob("*.pub.pem")):
        yield Item(f"keys/{path.name}", path)
    for name in PRIVATE if passphrase is not None else ():
        if (keys / name).exists():
            (directory / name).write_bytes(_encrypted((keys / name), passphrase or ""))
            yield Item(f"keys/{name}", directory / name)


def _encrypted(path: Path, passphrase: str) -> bytes:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        said = Message("{file} holds no key that can be used: {problem}", file=path, problem=str(error)[:200])
        raise BackupError(said) from error
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))


def _files(home: Path) -> Iterator[Item]:
    for top in TOPS[1:]:
        for path in sorted((home / top).rglob("*")):
            is_passing = path.name in OF_A_PROCESS or path.name.endswith(OF_A_PROCESS_ENDS)
            if path.is_file() and not path.is_symlink() and not is_passing:
                yield Item(path.relative_to(home).as_posix(), path)
