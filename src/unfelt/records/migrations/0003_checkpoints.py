"""Artefacts and signed checkpoints: added and read, never changed."""

from django.db import migrations, models

from unfelt.records.append_only import refusing, unreplaceable


class Migration(migrations.Migration):
    dependencies = [("records", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="Artefact",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("content", models.BinaryField()),
                ("saved_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("sequence", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("envelope", models.TextField()),
                ("signed_at", models.DateTimeField()),
            ],
            options={"ordering": ["sequence"]},
        ),
        migrations.RunPython(refusing("records_artefact", "records_checkpoint"), migrations.RunPython.noop),
        migrations.RunPython(
            unreplaceable(
                records_entry=("sequence", "digest"),
                records_revision=("digest",),
                records_artefact=("digest",),
                records_checkpoint=("sequence",),
            ),
            migrations.RunPython.noop,
        ),
    ]
