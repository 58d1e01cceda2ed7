from typing import Any

from django.db import migrations, models


def widen(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401
    """The rollout's id, and every column that names a rollout. SQLite keeps texts of any length as it is."""
    if schema_editor.connection.vendor == "sqlite":
        return
    rollout = apps.get_model("records", "Rollout")
    columns = [(one.related_model._meta.db_table, one.field.column) for one in rollout._meta.related_objects]
    quote = schema_editor.quote_name
    for table, column in [(rollout._meta.db_table, "id"), *columns]:
        schema_editor.execute(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} TYPE varchar(80)")


class Migration(migrations.Migration):
    """A change is named by up to 64 characters, and its attempts by a number more."""

    dependencies = [("records", "0013_telling_waits")]
    operations = [
        migrations.RunPython(widen, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("rollout", "id", models.CharField(primary_key=True, max_length=80))
            ]
        ),
    ]
