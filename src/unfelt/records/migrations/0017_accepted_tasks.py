from django.db import migrations, models


class Migration(migrations.Migration):
    """Who was given a control says that they do it."""

    dependencies = [("records", "0016_both_languages")]
    operations = [migrations.AddField("task", "accepted_at", models.DateTimeField(null=True))]
