"""An authenticator app in a few lines (RFC 6238: SHA-1, 30 seconds, six digits)."""

import base64
import hmac
import struct


def code_for(secret: str, at: float) -> str:
    """What the app shows at that time."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
