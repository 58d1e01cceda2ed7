"""Pseudonyms: what stands for a customer everywhere but in the request itself."""

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

SECRET_BYTES = 32


def pseudonym(secret: bytes, customer: str) -> str:
    """The first 32 hexadecimal digits of HMAC-SHA256(secret, customer): the same customer, and no way back."""
    return hmac.new(secret, customer.encode("utf-8", "surrogateescape"), sha256).hexdigest()[:32]


def keep_secret(path: Path, secret: bytes) -> None:
    """The file holds the secret, and its owner alone can read it."""
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secret)
    draft.replace(path)


def load_secret(path: Path) -> bytes:
    """The secret kept in that file, which is made with mode 0600 where there is none."""
    if not path.exists():
        keep_secret(path, secrets.token_bytes(SECRET_BYTES))
    return path.read_bytes()
