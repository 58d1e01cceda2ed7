"""How members are told what waits for them, and who outside is told what happened."""

from django.db import models


class Telling(models.Model):
    """A member's wishes: by mail, by a chat robot, how often, and when not."""

    member = models.OneToOneField(
        "records.Member", on_delete=models.CASCADE, related_name="telling", primary_key=True
    )
    mail = models.BooleanField(default=True)
    chat = models.TextField(blank=True)
    """Addresses of theirs outside, one a line: each shows by its spelling which channel it is of. Secrets."""
    every = models.PositiveIntegerField(default=0)
    """Minutes between two digests; 0: at once."""
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    zone = models.CharField(max_length=64, default="UTC")
    told_at = models.DateTimeField()
    """Up to when they have been told."""
    problem = models.TextField(blank=True)
    """Why the last attempt failed."""
    failures = models.PositiveIntegerField(default=0)
    """Attempts that failed since the last that did not."""
    next_at = models.DateTimeField(null=True)
    """Not before then after a failure."""

    class Meta:
        app_label = "records"


class Webhook(models.Model):
    """An address that is sent the entries of the chain, in order, each signed with its secret."""

    url = models.TextField()
    kinds = models.JSONField(default=list)
    """Of entries; all if empty."""
    secret = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    delivered = models.PositiveBigIntegerField()
    """The entry up to which all were taken."""
    failures = models.PositiveIntegerField(default=0)
    """Attempts at the next one so far."""
    next_at = models.DateTimeField()
    problem = models.TextField(blank=True)

    class Meta:
        app_label = "records"
        ordering = ["pk"]
