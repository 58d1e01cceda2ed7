"""Recorded experience in one Parquet or CSV file: `time, customer, arm`, perhaps `share`, then any columns."""

import glob
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.account import Account, Lines
from unfelt.adapters.sources.copies import FILE, drop_copies, drop_shared
from unfelt.adapters.sources.customers import count_customers
from unfelt.adapters.sources.hashing import pseudonym_of
from unfelt.adapters.sources.logs.files import take_files as take_texts
from unfelt.conf.language import Message

PARQUET = (".parquet", ".pq")
ARM = "lower(trim(arm))"
TABLE = "table"
"""What a file with both arms is called in the account."""
NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "UBIGINT", "UINTEGER")


def take_file(connection: DuckDBPyConnection, path: Path, *, customer: str, secret: bytes) -> Account:
    """`w_experience` holds the rows of the file with customers as pseudonyms; what became of the rows, by arm."""
    types = _open(connection, path, customer)
    _check_columns(path, types, customer)
    time = _time(connection, path, types["time"])
    _check_arms(connection, path)
    there = _by_arm(connection, ARM)
    drop_copies(connection, "w_file", row=f"({sql.each(types, sql.name)})", time=time)
    rest = [name for name in types if name not in ("time", "arm", customer)]
    columns = sql.each(rest, lambda name: f", {sql.name(name)}", "")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_experience AS
        SELECT {time} AS time, {pseudonym_of(sql.name(customer), secret)} AS customer, {ARM} AS arm {columns}
        FROM w_file WHERE {_is_named(customer)}
    """)
    return _account(connection, customer, there, arm=ARM)


def _is_named(customer: str) -> str:
    """SQL: the row names a customer."""
    return f"coalesce(trim(CAST({sql.name(customer)} AS VARCHAR)), '') <> ''"


def _by_arm(connection: DuckDBPyConnection, arm: str, where: str = "true") -> dict[str, int]:
    """Rows of `w_file`."""
    rows = f"SELECT {arm} AS arm, count(*) FROM w_file WHERE {where} GROUP BY 1 ORDER BY 1"
    return dict(connection.execute(rows).fetchall())


def _account(
    connection: DuckDBPyConnection, customer: str, there: Mapping[str, int], *, arm: str, where: str = "true"
) -> Account:
    """What became of the rows of `w_file`; there: how many there were, by arm, before copies were left out."""
    read = _by_arm(connection, arm, where)
    nobody = _by_arm(connection, arm, f"{where} AND NOT {_is_named(customer)}")
    many, servers = count_customers(connection, "w_file", sql.name(customer))
    arms = {
        name: Lines(lines=n, read=read[name], duplicate=n - read[name], nobody=nobody.get(name, 0))
        for name, n in there.items()
    }
    return Account(arms, format=TABLE, customers=many, servers=servers)


def take_files(connection: DuckDBPyConnection, paths: Sequence[Path], *, customer: str, secret: bytes) -> Account:
    """`w_experience` holds what old answered, by all these files and directories; what became of the rows.

    Rows of old are those with `served` = old, else those with `arm` = old; without either column all are. What a
    file holds twice, or two files hold, stays once; a directory is what a rollout kept, and holds nothing twice.
    """
    files = _files(paths)
    if not files:
        raise SourceError(
            Message("There are no Parquet files in {paths}.", paths=", ".join(str(path) for path in paths))
        )
    found: list[Account] = []
    connection.execute("DROP TABLE IF EXISTS w_experience")
    for number, (path, is_kept) in enumerate(files.items()):
        found.append(_take_old(connection, path, customer, secret=secret, number=number, is_kept=is_kept))
    copies = 0
    if sum(not is_kept for is_kept in files.values()) > 1:
        columns = [row[0] for row in connection.execute("DESCRIBE w_experience").fetchall() if row[0] != FILE]
        row = f"({sql.each(columns, sql.name)})"
        copies = drop_shared(connection, "w_experience", row=row, file=FILE, where=f"{FILE} >= 0")
    connection.execute(f"ALTER TABLE w_experience DROP COLUMN {FILE}")
    return _together(connection, found, copies)


def _files(paths: Sequence[Path]) -> dict[Path, bool]:
    """Every file once, and whether it is of a directory."""
    files: dict[Path, bool] = {}
    for path in paths:
        for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
            files.setdefault(file.resolve(), path.is_dir())
    return files


def _take_old(
    connection: DuckDBPyConnection, path: Path, customer: str, *, secret: bytes, number: int, is_kept: bool
) -> Account:
    """The rows of old in one more file are added to `w_experience`."""
    types = _open(connection, path, customer)
    _check_columns(path, types, customer, needed=("time", customer))
    time = _time(connection, path, types["time"])
    by = next((name for name in ("served", "arm") if name in types), None)
    of_old = f"lower(trim(CAST({by} AS VARCHAR))) = 'old'" if by else "true"
    there = _by_arm(connection, "'old'", of_old)
    if not is_kept:
        drop_copies(connection, "w_file", row=f"({sql.each(types, sql.name)})", time=time)
    rest = [name for name in types if name not in ("time", "arm", "served", customer)]
    columns = sql.each(rest, lambda name: f", {sql.name(name)}", "")
    who = sql.name(customer)
    into = "INSERT INTO w_experience BY NAME" if number else "CREATE TEMP TABLE w_experience AS"
    connection.execute(f"""
        {into} SELECT {time} AS time, {pseudonym_of(who, secret)} AS customer {columns},
            {-1 if is_kept else number} AS {FILE}
        FROM w_file WHERE {_is_named(customer)} AND {of_old}
    """)
    return _account(connection, customer, there, arm="'old'", where=of_old)


def _together(connection: DuckDBPyConnection, found: Sequence[Account], copies: int) -> Account:
    """One account of all files; a customer may be in several. copies: rows that another file holds too."""
    many = connection.execute("SELECT count(DISTINCT customer) FROM w_experience").fetchone()
    lines = Lines(
        lines=sum(one.total("lines") for one in found),
        read=sum(one.total("read") for one in found) - copies,
        duplicate=sum(one.total("duplicate") for one in found) + copies,
        nobody=sum(one.total("nobody") for one in found),
    )
    servers = next((one.servers for one in found if one.servers), "")
    return Account({"old": lines}, format=found[0].format, customers=many[0] if many else 0, servers=servers)


def _open(connection: DuckDBPyConnection, path: Path, customer: str) -> dict[str, str]:
    """`w_file` holds the file as it is; its columns and their types."""
    if not path.is_file():
        raise SourceError(Message("There is no file {path}.", path=path))
    if path.stat().st_size == 0:
        raise _empty(path)
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE w_file AS FROM {_reader(connection, path, customer)}")
    except duckdb.Error as error:
        _open_repaired(connection, path, customer, error)
    if connection.execute("SELECT 1 FROM w_file LIMIT 1").fetchone() is None:
        raise _empty(path)
    return {row[0]: row[1] for row in connection.execute("DESCRIBE w_file").fetchall()}


def _open_repaired(connection: DuckDBPyConnection, path: Path, customer: str, error: duckdb.Error) -> None:
    """`w_file` holds the rows of a text that has odd bytes or is half of a packed one; SourceError if even so it
    cannot be read."""
    with TemporaryDirectory() as folder:
        if path.suffix not in PARQUET:
            taken = take_texts(glob.escape(str(path)), arm="old, new", folder=Path(folder))
            copy = Path(folder) / "rows.csv"
            shutil.copyfile(taken.paths[0], copy)
            with suppress(duckdb.Error):
                connection.execute(
                    f"CREATE OR REPLACE TEMP TABLE w_file AS FROM {_reader(connection, copy, customer)}"
                )
                return
    raise SourceError(
        Message("{path} cannot be read: {error}", path=path, error=str(error).splitlines()[0])
    ) from error


def _reader(connection: DuckDBPyConnection, path: Path, customer: str) -> str:
    place = sql.text(str(path))
    if path.suffix in PARQUET:
        return f"read_parquet({place})"
    if path.suffix not in (".csv", ".tsv", ".gz", ".zst", ".txt"):
        raise SourceError(
            Message("{path} is neither Parquet nor CSV by its name. Allowed: .parquet, .csv, .csv.gz", path=path)
        )
    found = connection.execute(f"DESCRIBE FROM read_csv({place}, header = true, sample_size = 100)").fetchall()
    texts = sql.each(
        [row[0] for row in found if row[0] in ("time", "arm", customer)],
        lambda name: f"{sql.text(name)}: 'VARCHAR'",
    )
    types = f", types = {{{texts}}}" if texts else ""
    return f"read_csv({place}, header = true, sample_size = 100000{types})"


def _empty(path: Path) -> SourceError:
    return SourceError(Message("{path} holds no rows.", path=path))


def _check_columns(path: Path, types: dict[str, str], customer: str, *, needed: Sequence[str] = ()) -> None:
    missing = [name for name in needed or ("time", customer, "arm") if name not in types]
    if missing:
        raise SourceError(
            Message(
                "{path} lacks the column {missing}. It has: {known}. Due are: time, {customer}, arm (old or new), "
                "and share where it changed.",
                path=path,
                missing=", ".join(missing),
                known=", ".join(types),
                customer=customer,
            )
        )


def _time(connection: DuckDBPyConnection, path: Path, kind: str) -> str:
    """SQL: the time in UTC; times without a zone are taken as UTC, numbers as seconds since 1970."""
    if kind == "VARCHAR" and _count(connection, "time IS NOT NULL AND try_cast(time AS DOUBLE) IS NULL") == 0:
        kind = "DOUBLE"
    if kind.split("(")[0] in NUMBERS:
        time = "make_timestamp(round(CAST(time AS DOUBLE) * 1000000)::BIGINT)"
        bad = "time IS NULL OR CAST(time AS DOUBLE) NOT BETWEEN 0 AND 1e11"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        time, bad = "timezone('UTC', time)", "time IS NULL"
    elif kind == "VARCHAR":
        time, bad = "timezone('UTC', try_cast(time AS TIMESTAMPTZ))", "try_cast(time AS TIMESTAMPTZ) IS NULL"
    else:
        time, bad = "CAST(time AS TIMESTAMP)", "time IS NULL"
    wrong = _count(connection, bad)
    if wrong:
        raise _unreadable(connection, path, bad, wrong)
    return time


def _unreadable(connection: DuckDBPyConnection, path: Path, bad: str, wrong: int) -> SourceError:
    rows = connection.execute(f"SELECT coalesce(CAST(time AS VARCHAR), 'NULL') FROM w_file WHERE {bad} LIMIT 3")
    return SourceError(
        Message(
            "{path}: {n} rows have a time that cannot be read, such as {examples}. Allowed: 2026-11-23T04:00:00Z, "
            "2026-11-23 12:00:00+08:00, times without a zone (taken as UTC), or seconds since 1970.",
            path=path,
            n=wrong,
            examples=", ".join(row[0] for row in rows.fetchall()),
        )
    )


def _check_arms(connection: DuckDBPyConnection, path: Path) -> None:
    rows = connection.execute("""
        SELECT coalesce(CAST(arm AS VARCHAR), 'NULL') AS name, count(*) FROM w_file
        WHERE coalesce(lower(trim(CAST(arm AS VARCHAR))), '') NOT IN ('old', 'new')
        GROUP BY name ORDER BY 2 DESC LIMIT 5
    """).fetchall()
    if rows:
        raise SourceError(
            Message(
                "{path}: the column arm holds {found}. Allowed: old (as it was) and new (the change).",
                path=path,
                found=", ".join(f"{name} ({n})" for name, n in rows),
            )
        )


def _count(connection: DuckDBPyConnection, condition: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM w_file WHERE {condition}").fetchone()
    return found[0] if found else 0
