"""Every change on record is found by its newest plan."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from unfelt.records.changes import derived


def derive(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """One row for each."""
    revisions = apps.get_model("records", "Revision").objects.filter(kind="change").order_by("saved_at")
    rows = apps.get_model("records", "ChangeRow").objects
    for revision in revisions.iterator():
        rows.update_or_create(
            name=revision.name,
            defaults={
                **derived(revision.canonical),
                "revision_id": revision.digest,
                "saved_at": revision.saved_at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("records", "0006_members")]
    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
