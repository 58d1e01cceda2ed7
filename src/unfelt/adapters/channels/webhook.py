"""An address on the web that is sent JSON, signed: X-Unfelt-Signature is the HMAC-SHA256 of the body."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.http import OutgoingError, Policy, fetch
from unfelt.conf.language import Message

WITHIN = 10
"""Seconds."""


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the digest in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send_webhook(url: str, *, secret: str, said: Mapping[str, Any], policy: Policy) -> None:
    """It answers with a status from 200 to 299; ChannelError otherwise. Redirects are not followed."""
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    headers = {"Content-Type": "application/json", "X-Unfelt-Signature": signature(secret, body)}
    try:
        answer = fetch("POST", url, policy=policy, body=body, headers=headers, within=WITHIN, most=1)
    except OutgoingError as error:
        raise ChannelError(error.said) from None
    if not 200 <= answer.status < 300:
        raise ChannelError(Message("status {status}", status=answer.status), is_answer=True)
