"""Sessions and links of the console that have run out are cleared away, as a job."""

from datetime import timedelta

from unfelt.conf.language import Message
from unfelt.engines.jobs import Call, Job
from unfelt.web.access.links import clear_old
from unfelt.web.access.sessions import clear_ended


def tidy(call: Call) -> Message | None:
    """Files of sessions that have ended and of links that are too old are gone."""
    clear_ended()
    gone = clear_old(call.home, now=call.now.timestamp())
    return Message("links cleared away: {n}", n=gone) if gone else None


JOBS = (Job("sessions", Message("Old sessions and links"), tidy, every=timedelta(hours=1)),)
