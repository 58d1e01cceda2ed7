from django.db import migrations, models


class Migration(migrations.Migration):
    """Who cannot be told is not tried at every look."""

    dependencies = [("records", "0012_sealing")]
    operations = [
        migrations.AddField("telling", "failures", models.PositiveIntegerField(default=0)),
        migrations.AddField("telling", "next_at", models.DateTimeField(null=True)),
    ]
