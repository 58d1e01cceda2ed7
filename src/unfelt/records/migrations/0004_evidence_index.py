"""Entries are found by the change that they are about: an index over what they themselves say."""

from django.db import migrations

from unfelt.records.append_only import indexing


class Migration(migrations.Migration):
    dependencies = [("records", "0003_checkpoints")]
    operations = [migrations.RunPython(indexing("records_entry", "change"), migrations.RunPython.noop)]
