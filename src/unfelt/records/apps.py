"""Facts, as rows."""

from django.apps import AppConfig


class Records(AppConfig):
    """All models of unfelt."""

    name = "unfelt.records"
    label = "records"
