"""Signing and publishing, as a job."""

from datetime import timedelta

from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.engines.jobs import Call, Job
from unfelt.engines.ledger.publishing import keep_up


def sign(call: Call) -> None:
    """What is due is signed for and published."""
    keep_up(settings(), now=call.now)


JOBS = (
    Job(
        "signatures",
        Message("Signatures of the ledger"),
        sign,
        every=timedelta(seconds=2),
        longest=timedelta(minutes=5),
    ),
)
