"""What the login of a store in PostgreSQL may do besides reading promises: the less the better, none of these.

The query is checked before, and runs in a transaction that only reads; that does not bind a superuser (COPY TO
PROGRAM runs in it), so a login that can do no harm is the wall behind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unfelt.adapters.sources import RetryableSourceError, SourceError
from unfelt.adapters.sources.stores import connected, is_postgres, must_not_be_ours, place_of
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.refusal import RefusalError
from unfelt.documents.source import Store

SHOWN = 5
_MINE = "SELECT oid FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')"
_ONES_OWN = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
QUESTIONS: Mapping[str, str] = {
    "is a superuser, by itself or by a role that it may take on": """
        SELECT rolname FROM pg_roles WHERE rolsuper AND pg_has_role(current_user, oid, 'MEMBER')""",
    "may make roles or databases, replicate, or pass over row security": f"""
        SELECT rolname FROM pg_roles
        WHERE oid IN ({_MINE}) AND (rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)""",
    "may read or write the server's files, run its programs, or see to everything": """
        SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolname IN (
            'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data',
            'pg_read_all_data', 'pg_signal_backend', 'pg_monitor', 'pg_read_all_settings', 'pg_read_all_stats',
            'pg_stat_scan_tables', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription',
            'pg_use_reserved_connections', 'pg_signal_autovacuum_worker')""",
    "may write tables": f"""
        SELECT DISTINCT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            ({_MINE}) AS mine
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_ONES_OWN}
            AND (has_table_privilege(mine.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
                OR has_any_column_privilege(mine.oid, c.oid, 'INSERT, UPDATE'))""",
    "may move sequences": f"""
        SELECT DISTINCT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            ({_MINE}) AS mine
        WHERE c.relkind = 'S' AND {_ONES_OWN} AND has_sequence_privilege(mine.oid, c.oid, 'USAGE, UPDATE')""",
    "may make tables": f"""
        SELECT DISTINCT n.nspname::text FROM pg_namespace n, ({_MINE}) AS mine
        WHERE n.nspname !~ '^pg_(toast|temp)' AND has_schema_privilege(mine.oid, n.oid, 'CREATE')
        UNION SELECT current_database()::text FROM ({_MINE}) AS mine
        WHERE has_database_privilege(mine.oid, current_database(), 'CREATE')""",
    "may read catalogs of the system that are not everybody's": f"""
        SELECT DISTINCT c.relname::text FROM pg_class c, ({_MINE}) AS mine
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v')
            AND has_table_privilege(mine.oid, c.oid, 'SELECT')
            AND NOT has_table_privilege('public', c.oid, 'SELECT')""",
    "may call functions of the system that are not everybody's": f"""
        SELECT DISTINCT p.proname::text FROM pg_proc p, ({_MINE}) AS mine
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND has_function_privilege(mine.oid, p.oid, 'EXECUTE')
            AND NOT has_function_privilege('public', p.oid, 'EXECUTE')""",
}
"""What a login may not be able to do, and the query that lists by what it could."""


@dataclass(frozen=True, slots=True)
class Power:
    """Something that a login may do and should not."""

    what: Message
    by: tuple[str, ...]


def powers_of(database: str) -> list[Power]:
    """Everything that the login may do and should not; RetryableSourceError where the store does not answer."""
    found = []
    with connected(database, patience=5.0) as store:
        for what, query in QUESTIONS.items():
            by = sorted(str(row[0]) for row in store.execute(query).fetchmany(1000))
            if by:
                found.append(Power(_WORDS[what], tuple(by)))
            if by and what.startswith("is a superuser"):
                break  # Everything else follows from it.
    return found


_WORDS: Mapping[str, Message] = {
    "is a superuser, by itself or by a role that it may take on": Message(
        "is a superuser, by itself or by a role that it may take on"
    ),
    "may make roles or databases, replicate, or pass over row security": Message(
        "may make roles or databases, replicate, or pass over row security"
    ),
    "may read or write the server's files, run its programs, or see to everything": Message(
        "may read or write the server's files, run its programs, or see to everything"
    ),
    "may write tables": Message("may write tables"),
    "may move sequences": Message("may move sequences"),
    "may make tables": Message("may make tables"),
    "may read catalogs of the system that are not everybody's": Message(
        "may read catalogs of the system that are not everybody's"
    ),
    "may call functions of the system that are not everybody's": Message(
        "may call functions of the system that are not everybody's"
    ),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of looking at a store's login: it may too much, or could not be looked at."""

    path: tuple[str, ...]
    said: Message
    is_refused: bool


def logins_of(change: Change) -> Iterator[Seen]:
    """Every store of the plan that is unfelt's own, or whose login may too much or cannot be looked at now."""
    for name, source in change.experience.sources.items():
        given = getattr(source, "reconciliation", None) or source
        for arm in ("old", "new"):
            store = getattr(given, arm, None)
            if isinstance(store, Store):
                yield from _looked_at(store.database, ("experience", "sources", name, arm))


def _looked_at(database: str, path: tuple[str, ...]) -> Iterator[Seen]:
    place = place_of(database)
    try:
        must_not_be_ours(database)
        powers = powers_of(database) if is_postgres(database) else []
    except RefusalError as error:
        yield Seen(path, error.what, True)
        return
    except (RetryableSourceError, SourceError) as error:
        yield Seen(path, Message("its login could not be looked at: {problem}", problem=str(error)), False)
        return
    for power in powers:
        by = ", ".join(power.by[:SHOWN]) + (f" (+{len(power.by) - SHOWN})" if len(power.by) > SHOWN else "")
        said = Message(
            "the login of {place} {what} ({by}): give it SELECT on the tables of the query and nothing else, see "
            "docs/reference/sources.md",
            place=place,
            what=power.what,
            by=by,
        )
        yield Seen(path, said, True)
