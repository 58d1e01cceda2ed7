"""Small facts that a source remembers, in the same transaction as everything else."""

import json
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection


class Facts:
    """Named JSON values in one table."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute("""
            CREATE SCHEMA IF NOT EXISTS live;
            CREATE TABLE IF NOT EXISTS live.facts (name VARCHAR PRIMARY KEY, value VARCHAR);
        """)

    def get(self, name: str, default: Any) -> Any:  # noqa: ANN401  (any JSON value)
        """The value under that name, or the default where there is none."""
        found = self._connection.execute("SELECT value FROM live.facts WHERE name = $1", [name]).fetchone()
        return default if found is None else json.loads(found[0])

    def put(self, name: str, value: Any) -> None:  # noqa: ANN401
        """From here on that is the value under that name."""
        self._connection.execute("INSERT OR REPLACE INTO live.facts VALUES ($1, $2)", [name, json.dumps(value)])

    def time(self, name: str) -> datetime | None:
        """The time under that name."""
        value = self.get(name, None)
        return None if value is None else datetime.fromisoformat(value)
