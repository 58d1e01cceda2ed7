"""Mail about accounts, as a job: what it says is a secret until it is sent, and gone afterwards."""

from collections.abc import Mapping
from datetime import timedelta

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.mail import HouseMail, send_mail
from unfelt.adapters.sealed import opened
from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.conf.settings import settings
from unfelt.engines.jobs import Call, Job
from unfelt.records.models import Telling

SEALED = "sealed"
"""The one argument: to whom, subject and text, as unfelt.adapters.sealed has it."""

STALE = timedelta(days=1)
"""A mail that waited longer is not sent: its link has run out, and who wants one has asked again."""


def send(call: Call) -> Message:
    """One mail; whom it did not reach is shown under Settings, Channels and brand."""
    said = opened(call.home, call.arguments[SEALED], within=STALE)
    try:
        _send(said)
    except ChannelError as error:
        Telling.objects.filter(member__email__iexact=said["to"]).update(problem=str(error))
        raise
    return Message("sent")


def _send(said: Mapping[str, str]) -> None:
    server = settings().mail
    if server is None:
        raise NotDoneError(Message("no mail server is set: UNFELT_MAIL"))
    if HouseMail().problem(said["to"]) is not None:  # Which address, is nobody's business who looks at jobs.
        raise ChannelError(Message("the account's address is not that of one mailbox"), is_answer=True)
    send_mail(server, to=said["to"], subject=said["subject"], text=said["text"])


ACCOUNT_MAIL = Job(
    "account-mail",
    Message("Mail about accounts"),
    send,
    longest=timedelta(minutes=2),
    retries=8,
    forgets=True,
)
JOBS = (ACCOUNT_MAIL,)
