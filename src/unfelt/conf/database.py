"""Where the records live: SQLite beside the plan unless a URL says otherwise."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from urllib.parse import unquote, urlsplit

LOCK = 7_350_231
"""Of those who put tables in place, in PostgreSQL."""
MIGRATIONS = "unfelt.records.migrations"


class DatabaseUrlError(ValueError):
    """The database URL names a kind of database that unfelt does not use."""


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for `sqlite:///path` or `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(parts.path[1:])
    if parts.scheme in ("postgresql", "postgres"):
        query = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path[1:],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(query.get("host", parts.hostname or "")),
            "PORT": str(parts.port or ""),
        }
    raise DatabaseUrlError(
        f"Database URL of kind {parts.scheme!r}: allowed are sqlite:///PATH and postgresql://USER:PASSWORD@HOST/NAME."
    )


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # A write takes its lock at once instead of failing half-way through a transaction.
            "transaction_mode": "IMMEDIATE",
            "timeout": 2,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def connect(
    url: str, *, migrate: bool = True, more: Mapping[str, Any] | None = None, keys: Path | None = None
) -> None:
    """Django speaks to that database from here on, with its tables in place; once per process.

    Where the tables could not be put in place, it can be called again. more: further settings of Django's.
    keys: the directory of the keys that sign for what this process writes.
    """
    from django.conf import settings

    if not settings.configured:
        _configure(url, more or {})
        _set_up()
    if url != settings.UNFELT_DATABASE:
        raise RuntimeError(f"This process already keeps its records in {settings.UNFELT_DATABASE!r}.")
    if keys is not None:
        settings.UNFELT_KEYS = keys
    if migrate and not settings.UNFELT_MIGRATED:
        if _is_behind():
            with _alone(url):
                _put_in_place()
        settings.UNFELT_MIGRATED = True


def _set_up() -> None:
    """Django's set-up, without its addresses and mail where no page is served: they take longer than the rest."""
    from django.apps import apps
    from django.conf import settings

    if len(settings.INSTALLED_APPS) == 1:
        apps.populate(settings.INSTALLED_APPS)
        return
    import django

    django.setup()


def _is_behind() -> bool:
    """Tables are missing or older than this version has them."""
    from django.conf import settings
    from django.db import connection

    if len(settings.INSTALLED_APPS) == 1 and _has_all():
        return False
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _has_all() -> bool:
    """Every migration of the records was applied, by the table of those that were: quickly told, or not at all."""
    from django.db import DatabaseError, connection

    ours = {name for _finder, name, _is_package in iter_modules(import_module(MIGRATIONS).__path__)}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM django_migrations WHERE app = 'records'")
            return ours <= {name for (name,) in cursor.fetchall()}
    except DatabaseError:
        return False


def _put_in_place() -> None:
    from django.conf import settings
    from django.core.management import call_command

    # Other applications' tables refer to members, and take them to be of the first migration.
    call_command("migrate", "records", verbosity=0, interactive=False)
    if len(settings.INSTALLED_APPS) > 1:
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """Two processes that begin at once, such as a console and its guard, do not both make the tables."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        return
    path = urlsplit(url).path[1:]
    try:
        file = open(f"{path}.lock", "ab")  # noqa: SIM115  (closed below; without room for it, it is done without)
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _configure(url: str, more: Mapping[str, Any]) -> None:
    from django.conf import settings

    usual = {
        "UNFELT_DATABASE": url,
        "UNFELT_MIGRATED": False,
        "DATABASES": {"default": database_settings(url)},
        "INSTALLED_APPS": ["unfelt.records"],
        "AUTH_USER_MODEL": "records.Member",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
    }
    settings.configure(**{**usual, **more})


def home_database(home: Path) -> str:
    """The URL of the SQLite file that an installation keeps when it is given no other."""
    return f"sqlite:///{(home / 'records.db').resolve()}"
