"""What a member is told about logins that failed, and which codes of theirs were used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0010_brand"),
    ]

    operations = [
        migrations.AddField("member", "failed", models.PositiveIntegerField(default=0)),
        migrations.AddField("member", "failed_since", models.DateTimeField(null=True)),
        migrations.AddField("member", "recovered_at", models.DateTimeField(null=True)),
        migrations.AddField("member", "code_step", models.PositiveBigIntegerField(default=0)),
    ]
