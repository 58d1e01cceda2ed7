"""Revisions: documents as they were when they were saved, for ever."""

from django.db import models


class Revision(models.Model):
    """One immutable document: its canonical text hashes to its digest."""

    digest = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=200, db_index=True)
    canonical = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        app_label = "records"
