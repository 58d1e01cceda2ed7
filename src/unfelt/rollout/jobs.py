"""Work that goes on beside rollouts: what ended is noted, and runs of jobs that nobody needs are cleared away."""

import json
from datetime import timedelta

from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.documents.load import load_playbook
from unfelt.documents.revision import restored
from unfelt.engines.jobs import Call, Job
from unfelt.engines.ledger.gates.rollouts import noted
from unfelt.records.models import Rollout
from unfelt.rollout.preconditions import note_end
from unfelt.rollout.work.history import clear

LOOKED_BACK = timedelta(days=30)
"""Rollouts that ended longer ago are noted by whoever asks for the gates in a terminal, or begins anew."""
_looked_at: set[str] = set()
"""Rollouts that this process has noted, or has found to answer nothing."""


def note_ends(call: Call) -> Message | None:
    """What a rollout ended with is evidence for its change, also where the guard that saw its end was killed."""
    load_playbook(settings().playbook)  # One that cannot be read is said as the job's failure, and tried again.
    ended = Rollout.objects.filter(ended__gt=call.now - LOOKED_BACK).exclude(id__in=_looked_at)
    new = 0
    for row in ended.select_related("revision").order_by("ended"):
        if row.id not in noted(row.change):
            new += note_end(restored(json.loads(row.revision.canonical)))
        _looked_at.add(row.id)
        if call.is_cancelled():
            break
    return Message("pieces of evidence from rollouts that ended: {n}", n=new) if new else None


def tidy(call: Call) -> Message | None:
    """Old runs and dead workers are gone."""
    gone = clear(now=call.now)
    return Message("runs cleared away: {n}", n=gone) if gone else None


JOBS = (
    Job("rollout-ends", Message("Evidence from rollouts that ended"), note_ends, every=timedelta(minutes=1)),
    Job("job-history", Message("Old runs of jobs"), tidy, every=timedelta(hours=1)),
)
