"""Outcomes that are not known: values that are no numbers are missing ones, and what is missing is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.account import Account
from unfelt.adapters.sources.examples import masked
from unfelt.adapters.sources.measures import Measure, Measures
from unfelt.conf.language import _

REAL = ("DOUBLE", "FLOAT")


def missing_numbers(connection: DuckDBPyConnection, types: Mapping[str, str]) -> None:
    """No number of `w_experience` is infinite or none: it is NULL instead."""
    for name, kind in types.items():
        if kind in REAL:
            column = sql.name(name)
            connection.execute(f"UPDATE w_experience SET {column} = NULL WHERE NOT isfinite({column})")


def with_unknown(connection: DuckDBPyConnection, measures: Measures, account: Account) -> Account:
    """With the rows of which some metric has no answer, and one of them."""
    asked = [member for member in measures.members if member.bad is not None]
    unknown = sql.each(asked, lambda one: f"({one.value or one.bad}) IS NULL", " OR ")
    if not unknown:
        return account
    names = {row[0] for row in connection.execute("DESCRIBE w_experience").fetchall()}
    arm = "arm" if "arm" in names else "'old' AS arm"
    rows = connection.execute(f"SELECT {arm}, count(*) FROM w_experience WHERE {unknown} GROUP BY 1").fetchall()
    puzzle = _puzzle(connection, asked) if rows else ""
    return replace(account.with_counts("unknown", dict(rows)), puzzle=puzzle)


def _puzzle(connection: DuckDBPyConnection, asked: Sequence[Measure]) -> str:
    """What a row holds that some metric has no answer for, masked."""
    empty = _("nothing")
    for member in asked:
        columns = sorted(member.columns)
        texts = sql.each(columns, lambda name: f"coalesce(CAST({sql.name(name)} AS VARCHAR), '')")
        unknown = f"({member.value or member.bad}) IS NULL"
        row = connection.execute(f"SELECT {texts} FROM w_experience WHERE {unknown} LIMIT 1").fetchone()
        if row is not None:
            told = zip(columns, row, strict=True)
            return ", ".join(f"{name}: {masked(text) or empty}" for name, text in told)
    return ""
