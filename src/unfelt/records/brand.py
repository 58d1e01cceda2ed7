"""Under which name the house speaks."""

from django.db import models


class Brand(models.Model):
    """One row: what pages, mails and reports call the house, and whom to turn to."""

    name = models.CharField(max_length=80)
    contact = models.CharField(max_length=200, blank=True)
    """Where people turn to: a number, an address, a room."""

    class Meta:
        app_label = "records"
