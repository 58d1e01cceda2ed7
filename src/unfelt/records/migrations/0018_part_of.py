import json
from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401
    """What the newest plans say already."""
    alias = schema_editor.connection.alias
    rows = apps.get_model("records", "ChangeRow").objects.using(alias)
    said = rows.filter(revision__canonical__contains='"part_of":').values_list("pk", "revision__canonical")
    for name, canonical in said:
        rows.filter(pk=name).update(part_of=json.loads(canonical)["change"].get("part_of") or "")


class Migration(migrations.Migration):
    """Changes are found by what they are a part of."""

    dependencies = [("records", "0017_accepted_tasks")]
    operations = [
        migrations.AddField(
            "changerow", "part_of", models.CharField(blank=True, db_index=True, default="", max_length=64)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
