"""What waits where others may read, such as in the records, and this installation alone can open."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError

KEY = Path("keys") / "sealed"
"""Under the home, mode 0600; whoever has the records without it reads nothing."""


class CannotOpenError(NotDoneError):
    """It was sealed by another installation, or damaged."""


def seal(home: Path, said: Mapping[str, str]) -> str:
    """The values, encrypted and authenticated with the key of that home, which is made where there is none."""
    return _box(_key(home)).encrypt(json.dumps(dict(said)).encode()).decode("ascii")


def opened(home: Path, sealed: str, *, within: timedelta) -> dict[str, str]:
    """What was sealed no longer ago than that; CannotOpenError where this home has another key, or none."""
    try:
        box = _box((home / KEY).read_bytes())
        found: dict[str, str] = json.loads(box.decrypt(sealed, ttl=int(within.total_seconds())))
    except (FileNotFoundError, InvalidToken):
        said = Message("It is too old, or of another installation: a worker wants the home of the console.")
        raise CannotOpenError(said) from None
    return found


def _box(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def _key(home: Path) -> bytes:
    path = home / KEY
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(draft, path)  # Whole from the first moment, and never in the place of another one.
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
