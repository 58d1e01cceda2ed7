"""The experience rows themselves, kept as Parquet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.forms import SEEN

MANY = 50_000
LONG = timedelta(seconds=60)
_PARSED = f"""SELECT * EXCLUDE (_line, _begun, _ended, _stray, {", ".join(SEEN)}) FROM w_parsed
    WHERE time IS NOT NULL AND (NOT _begun OR id IN (SELECT id FROM windows.calls))"""
"""One row per request: the start of one only while its outcome is open."""


class Rows:
    """Rows are gathered in the database and written to one Parquet file per 50,000 rows or minute of traffic."""

    def __init__(
        self, connection: DuckDBPyConnection, directory: Path, *, fields: dict[str, str], keep: timedelta
    ) -> None:
        """fields: the columns of a row and their types."""
        self._connection = connection
        self._directory = directory
        self._keep = keep
        directory.mkdir(parents=True, exist_ok=True)
        columns = sql.each(fields.items(), lambda field: f"{sql.name(field[0])} {field[1]}")
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS live.fresh ({columns})")
        for name, kind in fields.items():  # An older unfelt knew fewer.
            connection.execute(f"ALTER TABLE live.fresh ADD COLUMN IF NOT EXISTS {sql.name(name)} {kind}")

    def take_in(self, *, number: int) -> None:
        """The rows of `w_parsed` are kept; the file of a batch that is made again is written over."""
        many = self._connection.execute("SELECT count(*) FROM w_parsed").fetchone()
        if many and many[0] >= MANY:
            self.write(number=number, besides=_PARSED)
            return
        self._connection.execute(f"INSERT INTO live.fresh BY NAME {_PARSED}")
        found = self._connection.execute("SELECT count(*), max(time) - min(time) FROM live.fresh").fetchone()
        if found and (found[0] >= MANY or (found[1] is not None and found[1] >= LONG)):
            self.write(number=number)

    def write(self, *, number: int, besides: str = "") -> None:
        """All gathered rows, and those of the query `besides`, are in a Parquet file."""
        rows = f"FROM live.fresh UNION ALL BY NAME {besides}" if besides else "FROM live.fresh"
        path = self._directory / f"batch-{number:09d}.parquet"
        self._connection.execute(f"COPY ({rows}) TO {sql.text(str(path))} (FORMAT parquet)")
        self._connection.execute("DELETE FROM live.fresh")

    def any_gathered(self) -> bool:
        """There are rows that are in no file yet."""
        return self._connection.execute("SELECT 1 FROM live.fresh LIMIT 1").fetchone() is not None

    def all(self) -> str:
        """SQL: every row that is kept."""
        files = sorted(self._directory.glob("batch-*.parquet"))
        written = sql.each(files, lambda path: f" UNION ALL BY NAME FROM read_parquet({sql.text(str(path))})", "")
        return f"FROM live.fresh {written}"

    def prune(self, now: datetime) -> None:
        """Files older than the limit are gone."""
        for path in self._directory.glob("batch-*.parquet"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - self._keep:
                path.unlink()
