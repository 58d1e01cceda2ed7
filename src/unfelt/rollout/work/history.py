"""Runs that have ended, and for how long they are kept."""

from datetime import datetime, timedelta

from django.db.models import Q

from unfelt.records.jobs import ENDED
from unfelt.records.models import JobRun, WorkerRow

NEWEST = 100
"""Runs of each job that are kept, however old."""
FAILURES = timedelta(days=30)
"""Failed ones are kept for so long, however many."""
DEAD = timedelta(days=1)
"""A worker that was not heard of for so long is forgotten."""


def clear(*, now: datetime) -> int:
    """Older runs are gone; returns how many."""
    WorkerRow.objects.filter(seen_at__lt=now - DEAD).delete()
    ended = JobRun.objects.filter(state__in=ENDED)
    gone = 0
    for job in set(ended.order_by().values_list("job", flat=True).distinct()):
        kept = ended.filter(job=job).order_by("-pk")[:NEWEST].values_list("pk", flat=True)
        oldest = min(kept)
        lately = Q(state="failed", ended__gte=now - FAILURES)
        gone += ended.filter(job=job, pk__lt=oldest).exclude(lately).delete()[0]
    return gone
