"""Signing and publishing, as a job."""

from datetime import timedelta

from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.engines.jobs import Call, Job
from unfelt.engines.ledger.publishing import keep_up
from unfelt.engines.ledger.uploads import clear


def sign(call: Call) -> None:
    """What is due is signed for and published."""
    keep_up(settings(), now=call.now)


def clear_uploads(call: Call) -> None:
    """What was looked at and not put on record is kept for an hour."""
    clear(call.home, now=call.now)


JOBS = (
    Job(
        "uploads",
        Message("Files that were looked at and not put on record"),
        clear_uploads,
        every=timedelta(minutes=10),
        longest=timedelta(minutes=1),
    ),
    Job(
        "signatures",
        Message("Signatures of the ledger"),
        sign,
        every=timedelta(seconds=2),
        longest=timedelta(minutes=5),
    ),
)
