"""Whether any worker runs, for a line on every page: asked of the records at most every few seconds."""

from datetime import datetime

from django.core.cache import cache

from unfelt.rollout.work.workers import SILENT, last_seen

KEY = "worker-seen-at"
KEPT = 5
"""Seconds for which it is believed that one runs; that none runs is asked anew."""


def is_worker_missing(now: datetime) -> bool:
    """No worker was heard of for two minutes: nobody is told anything."""
    seen: datetime | None = cache.get(KEY)
    if seen is None or now - seen > SILENT:
        seen = last_seen()
        if seen is not None:
            cache.set(KEY, seen, KEPT)
    return seen is None or now - seen > SILENT
