"""Rollouts: where one stands, and all that is needed to go on from there."""

from django.db import models

from unfelt.records.revisions import Revision


class Rollout(models.Model):
    """One attempt at a change. It keeps the revision it began with, whatever is edited later."""

    id = models.CharField(primary_key=True, max_length=80)
    change = models.CharField(max_length=200, db_index=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT)
    attempt = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, db_index=True)
    directory = models.TextField()
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    state_since = models.DateTimeField()
    """When the present state began."""
    step = models.PositiveIntegerField(default=0)
    """Of the shares after promotion, the one it is at."""
    promoted_at = models.DateTimeField(null=True)
    budget = models.PositiveIntegerField()
    """Customers that may be affected: what earlier attempts have left of the plan's budget."""
    segments = models.JSONField(default=dict)
    """The values of each segment, fixed when watching began."""
    status = models.JSONField(default=dict)
    """What a person watching sees: the newest decision in plain numbers."""

    class Meta:
        app_label = "records"


class EpochRow(models.Model):
    """The time between two share changes, as the router applied them."""

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="epochs")
    number = models.PositiveIntegerField()
    phase = models.CharField(max_length=20)
    share = models.FloatField()
    salt = models.CharField(max_length=80)
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["rollout", "number"], name="one_epoch_a_number")]


class LapseRow(models.Model):
    """A time in which what customers met cannot be trusted to be their arm."""

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="lapses")
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    why = models.TextField()

    class Meta:
        app_label = "records"
        ordering = ["began", "id"]


class GuardState(models.Model):
    """The guard after the newest batch, saved and restored exactly."""

    rollout = models.OneToOneField(Rollout, on_delete=models.PROTECT, related_name="guard_state", primary_key=True)
    batch = models.PositiveBigIntegerField()
    state = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        app_label = "records"


class Proposal(models.Model):
    """What the guard proposes in advise mode, until a person acts on it or the guard takes it back."""

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="proposals")
    action = models.CharField(max_length=20)
    share = models.FloatField()
    because = models.JSONField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["id"]
