"""Facts, as rows."""

from django.apps import AppConfig


class Records(AppConfig):
    """All models of unfelt."""

    name = "unfelt.records"
    label = "records"

    def ready(self) -> None:
        """Rows that the ledger holds by digest are watched."""
        from unfelt.records.covering import watch

        watch()
