"""An address on the web that is sent JSON, signed: X-Unfelt-Signature is the HMAC-SHA256 of the body."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from unfelt.adapters.channels import ChannelError

WITHIN = 10
"""Seconds."""


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the digest in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send_webhook(url: str, *, secret: str, said: Mapping[str, Any]) -> None:
    """It answers with a status from 200 to 299; ChannelError otherwise. Redirects are not followed."""
    body = json.dumps(said, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-Unfelt-Signature": signature(secret, body)}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310  (see is_web)
    try:
        with _opener.open(request, timeout=WITHIN) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        raise ChannelError(f"status {error.code}") from error
    except (OSError, ValueError) as error:
        raise ChannelError(f"{type(error).__name__}: {str(error)[:200]}") from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


_opener = urllib.request.build_opener(_StayHere)


def is_web(url: str) -> bool:
    """It is an address with http or https and a host."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
