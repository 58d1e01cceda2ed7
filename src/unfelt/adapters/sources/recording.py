"""Recorded experience of either kind in one table, divided into epochs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import Epoch, SourceError
from unfelt.adapters.sources.account import Account
from unfelt.adapters.sources.gaps import gaps_in
from unfelt.adapters.sources.logs.arms import take_arms
from unfelt.adapters.sources.logs.reading import wants_of
from unfelt.adapters.sources.measures import Measures, check_columns
from unfelt.adapters.sources.provided import check_expressions
from unfelt.adapters.sources.recorded import TABLE, take_file, take_files
from unfelt.adapters.sources.span import leave_out_misdated
from unfelt.adapters.sources.starts import leave_out_starts
from unfelt.adapters.sources.unknown import missing_numbers, with_unknown
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.source import AccessLog

MOST_EPOCHS = 20_000


def record(
    connection: DuckDBPyConnection, change: Change, files: Sequence[Path], measures: Measures, *, secret: bytes
) -> Account:
    """`w_experience` holds the recorded rows, customers as pseudonyms, or SourceError says what is missing."""
    sources = change.experience.sources.values()
    logs = [one for one in sources if isinstance(one, AccessLog) and one.old and one.new]
    if len(files) == 1:
        account = take_file(connection, files[0], customer=_customer_column(change), secret=secret)
    elif not files and len(logs) == 1:
        account = _take_arms(connection, change, measures, logs[0], secret=secret)
    else:
        raise SourceError(
            Message(
                "Due is one Parquet or CSV file with both arms, or one source in the plan with an access log per "
                "arm: sources: {example}",
                example="{requests: {kind: access_log, old: old.log, new: new.log}}",
            )
        )
    return _checked(connection, change, measures, account)


def _checked(connection: DuckDBPyConnection, change: Change, measures: Measures, account: Account) -> Account:
    """The rows can answer what the plan asks, and there are some within the time that the recording covers."""
    known = {row[0]: row[1] for row in connection.execute("DESCRIBE w_experience").fetchall()}
    check_columns(measures, [name for name in known if name not in ("customer", "arm", "share")])
    check_expressions(connection, measures, known)
    if connection.execute("SELECT 1 FROM w_experience LIMIT 1").fetchone() is None:
        raise SourceError(
            Message("No row of the recording names a customer; {n} rows name none.", n=account.total("nobody"))
        )
    account = account.with_counts("misdated", leave_out_misdated(connection))
    if connection.execute("SELECT 1 FROM w_experience LIMIT 1").fetchone() is None:
        raise SourceError(
            Message(
                "No row of the recording has a time that can be. Due are times such as {example}.",
                example="2026-11-23T04:00:00Z",
            )
        )
    if account.format == TABLE:
        later = [name for name, origin in change.experience.columns.items() if origin.startswith("response:")]
        account = account.without_starts(leave_out_starts(connection, later=later, longest=measures.longest))
    missing_numbers(connection, known)
    account = replace(account, gaps=gaps_in(connection, borne=change.guard.unmeasured))
    return with_unknown(connection, measures, account)


def record_old(
    connection: DuckDBPyConnection, change: Change, files: Sequence[Path], measures: Measures, *, secret: bytes
) -> Account:
    """As `record`, of what old answered alone: a file needs no arms, and a log of old is enough.

    Files may be several, or directories of Parquet such as the experience of a rollout.
    """
    logs = [one for one in change.experience.sources.values() if isinstance(one, AccessLog) and one.old]
    if files:
        account = take_files(connection, files, customer=_customer_column(change), secret=secret)
    elif len(logs) == 1:
        account = _take_arms(connection, change, measures, logs[0], secret=secret, arms=("old",))
    else:
        raise SourceError(
            Message(
                "Due is a record of what old did: Parquet or CSV files, the experience directory of a rollout, or "
                "a source in the plan with the access log of old: sources: {example}",
                example="{requests: {kind: access_log, old: old.log}}",
            )
        )
    return _checked(connection, change, measures, account)


def _customer_column(change: Change) -> str:
    wanted = change.experience.customer
    if isinstance(wanted, str) and wanted.startswith("column:"):
        return wanted.removeprefix("column:")
    return "customer"


def _take_arms(
    connection: DuckDBPyConnection,
    change: Change,
    measures: Measures,
    log: AccessLog,
    *,
    secret: bytes,
    arms: tuple[str, ...] = ("old", "new"),
) -> Account:
    wanted = change.experience.customer
    customer = wanted if isinstance(wanted, str) else wanted[0]
    columns = {one.by: f"header:x-{one.by}" for one in change.experience.segments} | change.experience.columns
    wants = wants_of(measures.needed(), customer, columns)
    return take_arms(connection, log, wants, customer=customer, secret=secret, arms=arms)


def divide(connection: DuckDBPyConnection, share: float | None) -> tuple[list[Epoch], datetime]:
    """`w_ordered` holds the rows in order of time, each in its epoch; the epochs, and the time of the last row."""
    names = {row[0] for row in connection.execute("DESCRIBE w_experience").fetchall()}
    if "share" not in names:
        connection.execute(f"ALTER TABLE w_experience ADD COLUMN share DOUBLE DEFAULT {_given(share)!r}")
    _check_shares(connection)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE w_ordered AS
        WITH numbered AS (SELECT *, row_number() OVER (ORDER BY time) AS line FROM w_experience),
        stepped AS (SELECT *, coalesce(share <> lag(share) OVER (ORDER BY line), true) AS steps FROM numbered)
        SELECT * EXCLUDE (steps, line),
            CAST(sum(steps::INTEGER) OVER (ORDER BY line ROWS UNBOUNDED PRECEDING) AS INTEGER) AS epoch
        FROM stepped ORDER BY line;
        DROP TABLE w_experience;
    """)
    return _epochs(connection)


def is_divided(connection: DuckDBPyConnection, share: float | None) -> bool:
    """Whether anything says with what probability the customers of `w_experience` came to new."""
    names = {row[0] for row in connection.execute("DESCRIBE w_experience").fetchall()}
    if share is not None or "share" not in names:
        return share is not None
    between = "try_cast(share AS DOUBLE) > 0 AND try_cast(share AS DOUBLE) < 1"
    found = connection.execute(f"SELECT 1 FROM w_experience WHERE {between} LIMIT 1").fetchone()
    return found is not None


def _given(share: float | None) -> float:
    if share is None:
        raise SourceError(
            Message("The probability of new is not known: add a column share, or say it, such as --share 0.5")
        )
    if not 0 < share < 1:
        raise SourceError(Message("--share is {share}; it must be between 0 and 1, such as 0.5", share=share))
    return share


def _check_shares(connection: DuckDBPyConnection) -> None:
    found = connection.execute("""
        SELECT count(*) FILTER (WHERE coalesce(NOT try_cast(share AS DOUBLE) BETWEEN 0 AND 1, true)),
            count(*) FILTER (WHERE try_cast(share AS DOUBLE) > 0 AND try_cast(share AS DOUBLE) < 1)
        FROM w_experience
    """).fetchone()
    wrong, between = found or (0, 0)
    if wrong or not between:
        raise SourceError(
            Message(
                "The column share must hold the probability of new at the time of the row, from 0 to 1 and in "
                "some rows in between, such as 0.05. {wrong} rows hold something else, {between} are in between.",
                wrong=wrong,
                between=between,
            )
        )
    connection.execute("ALTER TABLE w_experience ALTER share TYPE DOUBLE")


def _epochs(connection: DuckDBPyConnection) -> tuple[list[Epoch], datetime]:
    rows = connection.execute("""
        SELECT epoch, any_value(share), min(time), max(time) FROM w_ordered GROUP BY epoch ORDER BY epoch
    """).fetchall()
    if len(rows) > MOST_EPOCHS:
        raise SourceError(
            Message(
                "The share changes {n} times over the rows in order of time. Due is the share in force at that "
                "time, the same for all customers.",
                n=len(rows),
            )
        )
    ends = [row[2] for row in rows[1:]] + [None]
    epochs = [
        Epoch(number, "watch", share, "recorded", began, ended)
        for (number, share, began, _), ended in zip(rows, ends, strict=True)
    ]
    return epochs, rows[-1][3]
