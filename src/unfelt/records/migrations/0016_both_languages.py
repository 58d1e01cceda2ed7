from typing import Any

from django.db import migrations, models
from django.db.models import F


def copy(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401
    """What was said in one line is what readers of both languages see."""
    alias = schema_editor.connection.alias
    apps.get_model("records", "ChangeRow").objects.using(alias).update(title_zh=F("title_en"))
    lessons = apps.get_model("records", "Lesson").objects.using(alias)
    lessons.update(text_zh=F("text_en"), action_zh=F("action_en"))


class Migration(migrations.Migration):
    """Titles of changes, lessons and their actions are kept as readers of each language see them."""

    dependencies = [("records", "0015_jobs")]
    operations = [
        migrations.RenameField("changerow", "title", "title_en"),
        migrations.RenameField("lesson", "text", "text_en"),
        migrations.RenameField("lesson", "action", "action_en"),
        migrations.AddField("changerow", "title_zh", models.TextField(default=""), preserve_default=False),
        migrations.AddField("lesson", "text_zh", models.TextField(default=""), preserve_default=False),
        migrations.AddField(
            "lesson", "action_zh", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
