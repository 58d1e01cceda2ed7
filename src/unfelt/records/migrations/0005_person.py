"""Names of people lie beside the ledger, and can be erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0004_evidence_index")]
    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("token", models.CharField(max_length=71, primary_key=True, serialize=False)),
                ("salt", models.CharField(max_length=32)),
                ("name", models.CharField(db_index=True, max_length=400, null=True)),
                ("kept_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
        )
    ]
