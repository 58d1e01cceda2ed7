"""Entries and revisions can be added and read; the database refuses everything else."""

from django.db import migrations

from unfelt.records.append_only import refusing


class Migration(migrations.Migration):
    """Triggers, in SQLite and PostgreSQL."""

    dependencies = [("records", "0001_first")]
    operations = [migrations.RunPython(refusing("records_entry", "records_revision"), migrations.RunPython.noop)]
