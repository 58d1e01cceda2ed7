"""Where the records live: SQLite beside the plan unless a URL says otherwise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


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


def connect(url: str, *, migrate: bool = True, more: Mapping[str, Any] | None = None) -> None:
    """Django speaks to that database from here on, with its tables in place; once per process.

    Where the tables could not be put in place, it can be called again. more: further settings of Django's.
    """
    import django
    from django.conf import settings
    from django.core.management import call_command

    if not settings.configured:
        _configure(url, more or {})
        django.setup()
    if url != settings.UNFELT_DATABASE:
        raise RuntimeError(f"This process already keeps its records in {settings.UNFELT_DATABASE!r}.")
    if migrate and not settings.UNFELT_MIGRATED:
        # Other applications' tables refer to members, and take them to be of the first migration.
        call_command("migrate", "records", verbosity=0, interactive=False)
        if len(settings.INSTALLED_APPS) > 1:
            call_command("migrate", verbosity=0, interactive=False)
        settings.UNFELT_MIGRATED = True


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
