"""Pseudonyms of many customers at once, in SQL: the same as `unfelt.adapters.pseudonyms.pseudonym`."""

from hashlib import sha256

BLOCK = 64


def pseudonym_of(column: str, secret: bytes) -> str:
    """SQL: the first 32 hexadecimal digits of HMAC-SHA256(secret, column)."""
    key = (sha256(secret).digest() if len(secret) > BLOCK else secret).ljust(BLOCK, b"\0")
    inner, outer = (f"unhex('{bytes(byte ^ pad for byte in key).hex()}')" for pad in (0x36, 0x5C))
    text = f"encode(CAST({column} AS VARCHAR))"
    return f"left(sha256({outer} || unhex(sha256({inner} || {text}))), 32)"
