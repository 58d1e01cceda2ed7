"""Artefacts may be erased: a row that is only ever added names each, and the database lets no other go."""

from django.db import migrations, models

from unfelt.records.append_only import erasable, refusing, unreplaceable


class Migration(migrations.Migration):
    dependencies = [("records", "0018_part_of")]
    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sequence", models.PositiveBigIntegerField()),
                ("erased_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(refusing("records_erasure"), migrations.RunPython.noop),
        migrations.RunPython(unreplaceable(records_erasure=("digest",)), migrations.RunPython.noop),
        migrations.RunPython(erasable("records_artefact", stones="records_erasure"), migrations.RunPython.noop),
    ]
