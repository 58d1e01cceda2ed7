"""Runs of jobs that nobody needs any more are cleared away, as a job."""

from datetime import timedelta

from unfelt.conf.language import Message
from unfelt.engines.jobs import Call, Job
from unfelt.rollout.work.history import clear


def tidy(call: Call) -> Message | None:
    """Old runs and dead workers are gone."""
    gone = clear(now=call.now)
    return Message("runs cleared away: {n}", n=gone) if gone else None


JOBS = (Job("job-history", Message("Old runs of jobs"), tidy, every=timedelta(hours=1)),)
