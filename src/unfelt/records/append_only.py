"""Tables whose rows can be added and read: the database refuses everything else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import StateApps

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
SQLITE_REPLACE = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
"""INSERT OR REPLACE deletes a row without any DELETE that a trigger would see."""


def refusing(*tables: str) -> Callable[["StateApps", "BaseDatabaseSchemaEditor"], None]:
    """For a migration: from here on UPDATE, DELETE (and TRUNCATE, where there is one) of these tables raise."""

    def refuse(_apps: "StateApps", editor: "BaseDatabaseSchemaEditor") -> None:
        verbs = ["UPDATE", "DELETE"]
        statement = SQLITE
        if editor.connection.vendor == "postgresql":
            editor.execute(POSTGRES_FUNCTION, params=None)  # With parameters, `%` would have to be one.
            verbs.append("TRUNCATE")
            statement = POSTGRES
        for table in tables:
            for verb in verbs:
                editor.execute(statement.format(table=table, verb=verb), params=None)

    return refuse


SQLITE_ERASABLE = """
CREATE TRIGGER {table}_no_DELETE BEFORE DELETE ON {table}
WHEN NOT EXISTS (SELECT 1 FROM {stones} WHERE digest = OLD.digest)
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRES_ERASABLE_FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_erasable() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM {stones} WHERE digest = OLD.digest)
  THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;
  RETURN OLD;
END $$
"""
POSTGRES_ERASABLE = """
CREATE TRIGGER {table}_no_DELETE BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_erasable()
"""


def erasable(table: str, *, stones: str) -> Callable[["StateApps", "BaseDatabaseSchemaEditor"], None]:
    """For a migration: from here on DELETE of a row of the table raises unless `stones` has its digest."""

    def replace(_apps: "StateApps", editor: "BaseDatabaseSchemaEditor") -> None:
        statements = [f"DROP TRIGGER {table}_no_DELETE", SQLITE_ERASABLE]
        if editor.connection.vendor == "postgresql":
            statements = [f"DROP TRIGGER {table}_no_DELETE ON {table}", POSTGRES_ERASABLE_FUNCTION]
            statements.append(POSTGRES_ERASABLE)
        for statement in statements:
            editor.execute(statement.format(table=table, stones=stones), params=None)

    return replace


def unreplaceable(**tables: tuple[str, ...]) -> Callable[["StateApps", "BaseDatabaseSchemaEditor"], None]:
    """For a migration: in SQLite no row takes the place of one with the same value in any of these columns."""

    def refuse(_apps: "StateApps", editor: "BaseDatabaseSchemaEditor") -> None:
        if editor.connection.vendor != "sqlite":
            return
        for table, columns in tables.items():
            same = " OR ".join(f"{column} = NEW.{column}" for column in columns)
            editor.execute(SQLITE_REPLACE.format(table=table, same=same), params=None)

    return refuse


def said(member: str, vendor: str) -> str:
    """SQL for a member of an entry's body, as text; `vendor` is Django's word for the database."""
    return f"(body::json ->> '{member}')" if vendor == "postgresql" else f"json_extract(body, '$.{member}')"


def indexing(table: str, member: str) -> Callable[["StateApps", "BaseDatabaseSchemaEditor"], None]:
    """For a migration: entries that have this member are found by it. Nothing is kept twice."""

    def index(_apps: "StateApps", editor: "BaseDatabaseSchemaEditor") -> None:
        expression = said(member, editor.connection.vendor)
        editor.execute(
            f"CREATE INDEX {table}_by_{member} ON {table} ({expression}, sequence) WHERE {expression} IS NOT NULL",
            params=None,
        )

    return index
