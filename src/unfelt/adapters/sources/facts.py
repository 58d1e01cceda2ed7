"""Small facts that a source remembers, in the same transaction as everything else."""

import json
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection


class Facts:
    """Named JSON values, read once and written together."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute("""
            CREATE SCHEMA IF NOT EXISTS live;
            CREATE TABLE IF NOT EXISTS live.facts (body VARCHAR);
        """)
        found = connection.execute("SELECT body FROM live.facts").fetchone()
        self._values: dict[str, Any] = json.loads(found[0]) if found else {}

    def get(self, name: str, default: Any) -> Any:  # noqa: ANN401  (any JSON value)
        """The value under that name, or the default where there is none."""
        return self._values.get(name, default)

    def put(self, name: str, value: Any) -> None:  # noqa: ANN401
        """From here on that is the value under that name; kept once `write` is called."""
        self._values[name] = value

    def time(self, name: str) -> datetime | None:
        """The time under that name."""
        value = self.get(name, None)
        return None if value is None else datetime.fromisoformat(value)

    def write(self) -> None:
        """All values are in the database."""
        self._connection.execute("DELETE FROM live.facts")
        self._connection.execute("INSERT INTO live.facts VALUES ($1)", [json.dumps(self._values)])
