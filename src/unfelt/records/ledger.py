"""The ledger: rows that are only ever added, each holding the digest of the one before."""

from django.db import models

from unfelt.records.revisions import Revision
from unfelt.records.rollouts import Rollout


class Entry(models.Model):
    """One record of the chain. The database itself refuses to change or delete it."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40, db_index=True)
    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, null=True, related_name="entries")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True)
    recorded_at = models.DateTimeField()
    body = models.TextField()
    """Canonical JSON (RFC 8785)."""
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "records"
        ordering = ["sequence"]


class Artefact(models.Model):
    """Bytes that entries name by their SHA-256. The database refuses to change them, and to delete them but for
    those that an erasure names."""

    digest = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=40)
    content = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        app_label = "records"


class Erasure(models.Model):
    """What is left of an artefact that was erased: the database lets its bytes go, and this never."""

    digest = models.CharField(primary_key=True, max_length=64)
    sequence = models.PositiveBigIntegerField()
    """Of the entry that says so."""
    erased_at = models.DateTimeField()

    class Meta:
        app_label = "records"


class Checkpoint(models.Model):
    """A signature over the chain up to an entry. The database refuses to change or delete it."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    """Of the newest entry that is signed for."""
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    envelope = models.TextField()
    """DSSE, over an in-toto statement."""
    signed_at = models.DateTimeField()

    class Meta:
        app_label = "records"
        ordering = ["sequence"]


class Coverage(models.Model):
    """One row: the ledger holds every row of the tables beside it by digest from that entry on."""

    sequence = models.PositiveBigIntegerField()

    class Meta:
        app_label = "records"


class Publication(models.Model):
    """A checkpoint at one of the places where the installation publishes them: what, where, when."""

    place = models.CharField(max_length=400)
    """How it was reached: `file /mnt/elsewhere`."""
    sequence = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True)
    receipt = models.BinaryField(default=bytes)
    """What the place gave for it: a time stamp, a commit."""
    failures = models.PositiveIntegerField(default=0)
    """Attempts so far."""
    next_at = models.DateTimeField()
    problem = models.TextField(blank=True)

    class Meta:
        app_label = "records"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["place", "sequence"], name="one_publication_a_place")]
