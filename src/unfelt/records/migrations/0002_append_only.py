"""Entries and revisions can be added and read; the database refuses everything else."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLES = ("records_entry", "records_revision")

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION unfelt_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
POSTGRES = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION unfelt_refuse()
"""


def refuse(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """UPDATE, DELETE (and TRUNCATE, where there is one) raise."""
    verbs = ["UPDATE", "DELETE"]
    statement = SQLITE
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRES_FUNCTION, params=None)  # With parameters, `%` would have to be one.
        verbs.append("TRUNCATE")
        statement = POSTGRES
    for table in TABLES:
        for verb in verbs:
            editor.execute(statement.format(table=table, verb=verb), params=None)


class Migration(migrations.Migration):
    """Triggers, in SQLite and PostgreSQL."""

    dependencies = [("records", "0001_first")]
    operations = [migrations.RunPython(refuse, migrations.RunPython.noop)]
