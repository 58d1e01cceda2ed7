"""Rows beside the ledger are held by digest, and where checkpoints were published is on record."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

HELD = ("Member", "Team", "Membership", "Deputy", "Token", "Comment")


def nothing_was_there(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """A new installation has every row in its ledger from the first one on; an older one takes them up later."""
    if not any(apps.get_model("records", name).objects.exists() for name in HELD):
        apps.get_model("records", "Coverage").objects.create(pk=1, sequence=0)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0011_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Coverage",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("sequence", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("place", models.CharField(max_length=400)),
                ("sequence", models.PositiveBigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField(null=True)),
                ("receipt", models.BinaryField(default=bytes)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("problem", models.TextField(blank=True)),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(fields=("place", "sequence"), name="one_publication_a_place"),
        ),
        migrations.RunPython(nothing_was_there, migrations.RunPython.noop),
    ]
