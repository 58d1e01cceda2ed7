"""Which workers run: each says so every few seconds."""

import os
import secrets
import socket
from datetime import datetime, timedelta

from unfelt.records.models import WorkerRow

SILENT = timedelta(minutes=2)
"""Nobody works where no worker was heard of for so long."""


def name_here() -> str:
    """Of a worker that begins in this process: no other one has it, before or after."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"


def seen(worker: str, *, began: datetime, now: datetime) -> None:
    """It runs."""
    if not WorkerRow.objects.filter(pk=worker).update(seen_at=now):
        here = {"host": socket.gethostname()[:200], "pid": os.getpid()}
        WorkerRow.objects.create(pk=worker, began=began, seen_at=now, **here)


def gone(worker: str) -> None:
    """It has ended."""
    WorkerRow.objects.filter(pk=worker).delete()


def alive(now: datetime) -> list[WorkerRow]:
    """Those that were heard of lately."""
    return list(WorkerRow.objects.filter(seen_at__gte=now - SILENT))


def last_seen() -> datetime | None:
    """When any worker was heard of last; None where none ever was, or each has ended well."""
    found: datetime | None = WorkerRow.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return found
