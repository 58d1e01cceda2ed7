"""Names of people, beside the ledger: the chain holds only what they hash to, so that they can be erased."""

from django.db import models


class Person(models.Model):
    """A name that entries of the ledger refer to by its token; erased, the row stays as a tombstone."""

    token = models.CharField(primary_key=True, max_length=71)
    """`person:` and the SHA-256 of salt and name."""
    salt = models.CharField(max_length=32)
    name = models.CharField(max_length=400, null=True, db_index=True)
    kept_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
