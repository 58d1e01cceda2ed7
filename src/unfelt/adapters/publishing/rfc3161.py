"""A time-stamp authority (RFC 3161): somebody else signs that the checkpoint was there at that time."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from unfelt.adapters.http import OutgoingError, Policy, fetch
from unfelt.adapters.publishing import PublishError
from unfelt.adapters.publishing.file import write_once

WITHIN = 20
"""Seconds."""
MOST = 100_000
"""Bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Its address, the roots that its stamps must lead to, and the directory where stamps are kept."""

    url: str
    roots: Path
    directory: Path
    policy: Policy
    every: timedelta = timedelta(hours=1)

    @property
    def name(self) -> str:
        """With its address."""
        return f"rfc3161 {self.url}"

    def publish(self, name: str, content: bytes) -> bytes:
        """The stamp, which leads to the roots; it lies beside what it is for, for `openssl ts -verify`."""
        request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        stamp = asked(self.url, request.as_bytes(), self.policy)
        try:
            builder = VerifierBuilder.from_request(request)
            for root in load_pem_x509_certificates(self.roots.read_bytes()):
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(decode_timestamp_response(stamp), content)
        except (VerificationError, ValueError, OSError) as error:
            raise PublishError(f"the time stamp is not good: {error}") from error
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_once(self.directory / name, content)
        (self.directory / f"{name}.tsr").write_bytes(stamp)
        return stamp


def asked(url: str, request: bytes, policy: Policy) -> bytes:
    """What the authority answers; PublishError where it does not answer with 200."""
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        answer = fetch("POST", url, policy=policy, body=request, headers=headers, within=WITHIN, most=MOST)
    except (OutgoingError, ValueError) as error:
        raise PublishError(str(error)) from error
    if answer.status != 200:
        raise PublishError(f"status {answer.status}")
    return answer.body
