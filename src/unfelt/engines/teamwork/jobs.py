"""Telling members and webhooks, as jobs."""

from datetime import timedelta

from unfelt.adapters.http import allowed
from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.engines.jobs import Call, Job
from unfelt.engines.teamwork.notifications import Sender, tell_everybody
from unfelt.engines.teamwork.webhooks import deliver
from unfelt.records.business_time import in_business

EVERY = timedelta(seconds=2)
"""Between two looks at what is new."""


def tell(call: Call) -> Message | None:
    """Members who are due are told."""
    house = Sender(call.base, settings().mail)
    told = tell_everybody(house, now=in_business(call.now), progress=call.progress, is_cancelled=call.is_cancelled)
    return Message("members told: {n}", n=told) if told else None


def send(call: Call) -> Message | None:
    """Webhooks are sent what they have not taken."""
    sent = deliver(now=call.now, policy=allowed(), progress=call.progress, is_cancelled=call.is_cancelled)
    return Message("entries sent: {n}", n=sent) if sent else None


JOBS = (
    Job("notifications", Message("Mail and chat"), tell, every=EVERY, longest=timedelta(minutes=5)),
    Job("webhooks", Message("Webhooks"), send, every=EVERY),
)
