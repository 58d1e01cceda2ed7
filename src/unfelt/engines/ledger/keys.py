"""The keys that sign for the ledger: made at first start, kept in files of the installation, changed on record."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey


class KeyRingError(NotDoneError):
    """A key that is missing, cannot be read, or is not the one that the ledger asks for."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`signing.pem` (PKCS #8, Ed25519, for its owner alone) and every public key this installation has had."""

    directory: Path

    @property
    def private(self) -> Path:
        """The key that signs."""
        return self.directory / "signing.pem"

    @property
    def next(self) -> Path:
        """A key that was made and does not sign yet."""
        return self.directory / "next.pem"

    def signer(self) -> "CryptoSigner | None":
        """Who signs now, or None where no key was made yet."""
        return _signer(self.private)

    def make(self) -> "CryptoSigner":
        """A new key, which signs once it is on record and adopted; its public part is kept for good."""
        from securesystemslib.signer import CryptoSigner

        signer = CryptoSigner.generate_ed25519()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        public = self.directory / f"{signer.public_key.keyid}.pub.pem"
        public.write_text(pem_of(signer.public_key))
        self.next.unlink(missing_ok=True)
        with os.fdopen(os.open(self.next, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(signer.private_bytes)
            file.flush()
            os.fsync(file.fileno())
        return signer

    def adopt(self, keyid: str) -> None:
        """The key that was made signs from here on, if it is that one; the private part before it is gone."""
        made = _signer(self.next)
        if made is not None and made.public_key.keyid == keyid:
            self.next.replace(self.private)

    def is_waiting(self, keyid: str) -> bool:
        """That key was made, and signs from the next signature on."""
        made = _signer(self.next)
        return made is not None and made.public_key.keyid == keyid

    def public(self) -> "dict[str, SSlibKey]":
        """Every public key of this installation, by its id."""
        return public_keys(self.directory.glob("*.pub.pem"))


def _signer(path: Path) -> "CryptoSigner | None":
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        return CryptoSigner(load_pem_private_key(data, None))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable(path, error) from error


def public_keys(paths: Iterable[Path]) -> "dict[str, SSlibKey]":
    """The public keys in these files, by id; KeyRingError names a file that holds none."""
    return {key.keyid: key for key in (read_public(path) for path in paths)}


def read_public(path: Path) -> "SSlibKey":
    """The public key in a PEM file; KeyRingError where there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return key_of(path.read_text())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise _unreadable(path, error) from error


def key_of(pem: str) -> "SSlibKey":
    """The public key that is spelled so; ValueError where it is none."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    return SSlibKey.from_crypto(load_pem_public_key(pem.encode()))


def pem_of(key: "SSlibKey") -> str:
    """The public key as PEM (SubjectPublicKeyInfo)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _unreadable(path: Path, error: Exception) -> KeyRingError:
    return KeyRingError(
        Message("{file} holds no key that can be used: {problem}", file=str(path), problem=str(error)[:200])
    )
