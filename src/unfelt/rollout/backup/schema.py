"""Which tables the records have, by the migrations that made them."""

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

APP = "records"


def applied() -> list[str]:
    """Of the records open now."""
    return sorted(name for app, name in MigrationRecorder(connection).applied_migrations() if app == APP)


def unknown(schema: list[str]) -> list[str]:
    """Those that this version of unfelt does not know: a newer one made the tables."""
    known = {name for app, name in MigrationLoader(None).disk_migrations if app == APP}
    return sorted(set(schema) - known)
