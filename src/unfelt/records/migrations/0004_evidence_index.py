"""Evidence is found by the change that it is about: an index over what the entries themselves say."""

from django.db import migrations

from unfelt.records.append_only import indexing


class Migration(migrations.Migration):
    dependencies = [("records", "0003_checkpoints")]
    operations = [
        migrations.RunPython(
            indexing("records_entry", "change", of=("evidence", "waiver")), migrations.RunPython.noop
        )
    ]
