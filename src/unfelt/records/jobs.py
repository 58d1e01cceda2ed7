"""Runs of jobs, and the workers that do them."""

from django.db import models
from django.db.models import Q

OPEN = ("queued", "running")
ENDED = ("done", "failed", "cancelled")


class JobRun(models.Model):
    """A run of a job, or a tick of a timer. One worker at a time has it: whoever wrote itself into `worker`."""

    job = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    """What is asked for twice under one key is done once. Of a tick: when it was due."""
    is_tick = models.BooleanField(default=False)
    state = models.CharField(max_length=12, default="queued")
    arguments = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=71, blank=True)
    """The token of the member who asked for it: see Person. Empty: the timer."""
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField()
    """Not before then."""
    began = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    """When its worker was last heard of: after a while without, another one takes it over."""
    ended = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    """Of a tick: when the newest one before it ended well."""
    worker = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    """Which attempt this is: with `worker` it says whose claim holds."""
    done = models.PositiveBigIntegerField(default=0)
    of = models.PositiveBigIntegerField(null=True)
    note = models.JSONField(default=dict)
    """What was done, as a plain message."""
    problem = models.JSONField(default=dict)
    """Why the newest attempt failed, as a plain message."""
    cancel_asked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["job", "key"], name="one_run_a_key"),
            models.UniqueConstraint(
                fields=["job"],
                condition=Q(is_tick=True, state__in=("queued", "running")),
                name="one_open_tick_a_job",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="jobrun_due")]


class WorkerRow(models.Model):
    """A worker that runs: gone when it ends well, and old where it died."""

    id = models.CharField(primary_key=True, max_length=80)
    host = models.CharField(max_length=200)
    pid = models.PositiveBigIntegerField()
    began = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "records"
        ordering = ["began"]
