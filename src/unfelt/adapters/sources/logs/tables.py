"""CSV and Parquet, one file or pattern per arm."""

import glob
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.account import Lines
from unfelt.adapters.sources.copies import FILE, drop_copies, drop_shared
from unfelt.adapters.sources.logs.files import take_files
from unfelt.adapters.sources.logs.form import Columns, Sample, Wants, Written
from unfelt.adapters.sources.logs.objects import moment
from unfelt.adapters.sources.logs.pieces import COLUMNS, DEVICE
from unfelt.adapters.sources.logs.reading import Parsed
from unfelt.conf.language import Message

_NAMES = {"time", "timestamp", "ts", "date", "datetime", "@timestamp"}
PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class TableForm:
    """Rows under a header, or Parquet. Its columns are called as the plan calls them, or as its `keys` say."""

    name: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def knows(self, line: str) -> bool:
        """The line is a header with a time."""
        names = [name.strip().strip('"').lower() for name in re.split(r"[,;\t|]", line)]
        return (
            len(names) > 1
            and bool(_NAMES & set(names))
            and all(re.fullmatch(r"[^\d{}\[\]\"][^{}\[\]\"]*", name) for name in names)
        )

    def columns(self, sample: Sample, wants: Wants) -> Columns:
        """Nothing is known before the file is opened."""
        return Columns((), {}, "false")

    def advice(self, missing: Mapping[str, str]) -> Message | None:
        """The line of the plan that says which column it is."""
        example = ", ".join(f"{'customer' if name == 'who' else name}: COLUMN" for name in missing)
        return Message(
            "Say in the source which columns they are, such as: keys: {example}", example="{" + example + "}"
        )

    def take(
        self, connection: DuckDBPyConnection, pattern: str, *, arm: str, into: str, wants: Wants, folder: Path
    ) -> Parsed:
        """The table `into` holds the rows of the files, as served by that arm; rows that two files hold once."""
        try:
            rows = self._reader(connection, pattern, arm, wants, folder)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE w_raw AS {rows}")
            types = _types(connection, "w_raw")
            del types[FILE]
            told = self._rows(types, wants, arm)
            row = f"({sql.each(types, sql.name)})"
            duplicate = drop_shared(connection, "w_raw", row=row, file=FILE)
            duplicate += drop_copies(connection, "w_raw", row=row, time=self._time(types))
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {told}")
        except duckdb.Error as error:
            raise SourceError(
                Message("{path} cannot be read: {error}", path=pattern, error=str(error).splitlines()[0])
            ) from error
        found = connection.execute(f"SELECT count(*), count(time) FROM {into}").fetchone()
        there, read = found or (0, 0)
        connection.execute(f"DELETE FROM {into} WHERE time IS NULL; DROP TABLE w_raw")
        return Parsed(Lines(lines=there + duplicate, read=read, unparsed=there - read, duplicate=duplicate))

    def _reader(self, connection: DuckDBPyConnection, pattern: str, arm: str, wants: Wants, folder: Path) -> str:
        """SQL: every row of the files, with the number of its file; what names somebody or something is text."""
        names = sorted(glob.glob(str(Path(pattern).expanduser()), recursive=True))
        if names and all(Path(name).suffix in PARQUET for name in names):
            readers = [f"read_parquet({sql.text(name)})" for name in names]
        else:
            taken = take_files(pattern, arm=arm, folder=folder)
            readers = [self._text_reader(connection, path, wants) for path in taken.paths]
        return sql.each(
            enumerate(readers), lambda one: f"SELECT *, {one[0]} AS {FILE} FROM {one[1]}", " UNION ALL BY NAME "
        )

    def _text_reader(self, connection: DuckDBPyConnection, path: Path, wants: Wants) -> str:
        place = sql.text(str(path))
        there = {
            name.lower(): name
            for name in _types(connection, f"read_csv({place}, header = true, sample_size = 100)")
        }
        texts = {"time": "", "who": "", **{name: "" for name, kind in COLUMNS.items() if kind == "VARCHAR"}}
        found = {self._place(name, wants.added.get(name, ""), there) for name in texts}
        types = sql.each(sorted(filter(None, found)), lambda name: f"{sql.text(name)}: 'VARCHAR'")
        return f"read_csv({place}, header = true, sample_size = -1, types = {{{types}}})"

    def _rows(self, types: Mapping[str, str], wants: Wants, arm: str) -> str:
        there = {name.lower(): name for name in types}
        wanted = {"time": "", **dict.fromkeys(sorted(wants.columns - {"device"}), ""), **wants.added}
        if "device" in there or "device" not in wants.columns:
            wanted = {name: origin for name, origin in wanted.items() if name != "agent"}
        if "device" in wants.columns and "device" in there:
            wanted["device"] = ""
        places = {name: self._place(name, origin, there) for name, origin in wanted.items()}
        missing = {name: wanted[name] for name, place in places.items() if place is None}
        if missing:
            raise SourceError(
                Message(
                    "The table of {arm} lacks {missing}. It has: {known}. {advice}",
                    arm=arm,
                    missing=", ".join("customer" if name == "who" else name for name in missing),
                    known=", ".join(types),
                    advice=self.advice(missing),
                )
            )
        told = sql.each(
            places.items(),
            lambda one: f"{_typed(one[0], sql.name(one[1] or ''), types[one[1] or ''])} AS {sql.name(one[0])}",
        )
        device = f", {DEVICE} AS device" if "agent" in places and "device" in wants.columns else ""
        return f"SELECT * {device}, {sql.text(arm)} AS arm FROM (SELECT {told} FROM w_raw)"

    def _time(self, types: Mapping[str, str]) -> str:
        """SQL: when it was, in UTC; NULL where that cannot be read."""
        place = self._place("time", "", {name.lower(): name for name in types}) or ""
        return _typed("time", sql.name(place), types[place])

    def _place(self, name: str, origin: str, there: Mapping[str, str]) -> str | None:
        word = "customer" if name == "who" else name
        own = origin.partition(":")[2]
        candidates = (
            [self.keys[word]] if word in self.keys else [own if origin.startswith("column:") else word, own, word]
        )
        if name == "time" and "time" not in self.keys:
            candidates += sorted(_NAMES)
        return next((there[one.lower()] for one in candidates if one and one.lower() in there), None)


def _types(connection: DuckDBPyConnection, source: str) -> dict[str, str]:
    """The columns of what is there, in order, and their types."""
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()}


def _typed(name: str, column: str, kind: str) -> str:
    if name == "time":
        if kind.startswith("TIMESTAMP WITH"):
            return f"timezone('UTC', {column})"
        return (
            f"CAST({column} AS TIMESTAMP)"
            if kind.startswith(("TIMESTAMP", "DATE"))
            else moment(f"CAST({column} AS VARCHAR)")
        )
    if name in COLUMNS and COLUMNS[name] != "VARCHAR":
        return f"try_cast({column} AS {COLUMNS[name]})"
    return f"CAST({column} AS VARCHAR)" if name in (*COLUMNS, "who") else column


def csv(written: Written) -> TableForm:
    """Rows of values under a header, by commas, semicolons or tabs."""
    return TableForm("csv", written.keys)


def parquet(written: Written) -> TableForm:
    """Parquet."""
    return TableForm("parquet", written.keys)
