"""A log per arm, of any format that is registered, in one table: what `judge` and `calibrate` read."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.account import Account
from unfelt.adapters.sources.customers import count_customers
from unfelt.adapters.sources.hashing import pseudonym_of
from unfelt.adapters.sources.logs.detecting import AUTO, detect, form_named
from unfelt.adapters.sources.logs.files import Taken, take_files
from unfelt.adapters.sources.logs.form import RecordedForm, Sample, Wants, Written
from unfelt.adapters.sources.logs.reading import Parsed, check_some, sample_of, take
from unfelt.adapters.sources.logs.tables import PARQUET, TableForm, parquet
from unfelt.conf.language import Message
from unfelt.documents.source import AccessLog


def take_arms(
    connection: DuckDBPyConnection,
    log: AccessLog,
    wants: Wants,
    *,
    customer: str,
    secret: bytes,
    arms: Sequence[str],
) -> Account:
    """`w_experience` holds the requests of these arms, customers as pseudonyms; what became of their lines."""
    said = Written(log.notation or "", log.keys)
    is_found = not log.is_recorded or log.format == AUTO
    patterns = {arm: str(getattr(log, arm)) for arm in arms}
    parsed: dict[str, Parsed] = {}
    names: list[str] = []
    with TemporaryDirectory() as folder:
        for arm, pattern in patterns.items():
            form, taken = form_of(
                connection, pattern, said, arm, Path(folder), name=AUTO if is_found else log.format
            )
            parsed[arm] = (
                form.take(connection, pattern, arm=arm, into=_table(arm), wants=wants, folder=Path(folder))
                if isinstance(form, TableForm)
                else take(connection, form, taken, arm=arm, into=_table(arm), wants=wants)
            )
            names.append(form.name)
    check_some(parsed, ", ".join(dict.fromkeys(names)))
    nobody, servers, customers = _gather(
        connection, [_table(arm) for arm in arms], customer=customer, secret=secret
    )
    found = Account(
        {arm: one.lines for arm, one in parsed.items()},
        format=", ".join(dict.fromkeys(names)),
        found=is_found,
        customers=customers,
        servers=servers,
        examples=tuple(example for one in parsed.values() for example in one.examples)[:3],
        near=next((one.near for one in parsed.values() if one.near), None),
    )
    return found.with_counts("nobody", nobody)


def _table(arm: str) -> str:
    return f"w_{arm}_log"


def form_of(
    connection: DuckDBPyConnection, pattern: str, said: Written, arm: str, folder: Path, *, name: str
) -> tuple[RecordedForm, Taken]:
    """How the log of the arm is written, and its files."""
    nothing = Taken((), 0, ())
    if name == AUTO and Path(pattern).suffix in PARQUET:
        return parquet(said), nothing
    if name != AUTO:
        form = form_named(name, said)
        return form, nothing if isinstance(form, TableForm) else take_files(pattern, arm=arm, folder=folder)
    taken = take_files(pattern, arm=arm, folder=folder)
    sample = sample_of(connection, taken)
    _check_is_of_one_arm(sample, taken)
    table = TableForm("csv", said.keys)
    if sample.lines and table.knows(sample.lines[0]):
        return table, taken
    return detect(sample, said, name=taken.names[0]), taken


def _check_is_of_one_arm(sample: Sample, taken: Taken) -> None:
    """SourceError for the log of unfelt's own router."""
    if sample.lines and all(f'"{name}"' in sample.lines[0] for name in ("arm", "epoch", "phase", "share")):
        raise SourceError(
            Message(
                "{file} is the log of a router of unfelt, which holds both arms: judge the Parquet files in its "
                "experience directory.",
                file=taken.names[0],
            )
        )


def _gather(
    connection: DuckDBPyConnection, tables: Iterable[str], *, customer: str, secret: bytes
) -> tuple[dict[str, int], str, int]:
    """Lines without a customer by arm, what customers look like where they are servers, and how many there are."""
    own = customer.removeprefix("column:")
    columns = {row[0] for table in tables for row in connection.execute(f"DESCRIBE {table}").fetchall()}
    who = "who" if "who" in columns else sql.name(own)
    union = sql.each(tables, lambda table: f"FROM {table}", " UNION ALL BY NAME ")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE w_both AS {union}")
    nobody = dict(
        connection.execute(
            f"SELECT arm, count(*) FROM w_both WHERE coalesce({who}, '') = '' GROUP BY arm"
        ).fetchall()
    )
    customers, servers = count_customers(connection, "w_both", who)
    left_out = [name for name in ("who", "host", "login") if name in columns]
    kept = f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_experience AS
        SELECT {kept}, {pseudonym_of(who, secret)} AS customer FROM w_both WHERE coalesce({who}, '') <> '';
        DROP TABLE w_both
    """)
    return nobody, servers, customers
