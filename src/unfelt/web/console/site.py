"""Django's settings for the console, and its application."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unfelt.conf.database import connect

HERE = Path(__file__).resolve().parent
SECRET = "console.secret"  # noqa: S105  (the name of a file)


def application(home: Path, database: str, *, host: str) -> Callable[..., Any]:
    """The ASGI application over the records of that installation, its tables in place.

    host: under which it may be asked for; any other `Host` is refused.
    """
    connect(database, more=site_settings(home, host=host))
    from django.core.handlers.asgi import ASGIHandler

    made: Callable[..., Any] = ASGIHandler()
    return made


def site_settings(home: Path, *, host: str) -> dict[str, Any]:
    """What Django is told beside where the records are."""
    return {
        "UNFELT_HOME": home,
        "SECRET_KEY": _secret(home),
        "ALLOWED_HOSTS": sorted({host, "localhost", "127.0.0.1", "[::1]"}),
        "ROOT_URLCONF": "unfelt.web.console.urls",
        "MIDDLEWARE": [
            "unfelt.web.console.guarding.headers",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "unfelt.web.console.guarding.in_the_readers_language",
            "unfelt.web.console.guarding.for_those_who_are_known",
        ],
        # A session is in a signed cookie: going back must not ask a database who is there.
        "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
        "SESSION_COOKIE_NAME": "unfelt_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_FAILURE_VIEW": "unfelt.web.console.pages.not_from_here",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": [HERE / "templates"],
                "OPTIONS": {"environment": "unfelt.web.console.words.environment"},
            }
        ],
        "DEBUG": False,
        "LOGGING_CONFIG": None,
    }


def _secret(home: Path) -> str:
    """What sessions are signed with: its own for each installation, readable by its owner alone."""
    path = home / "keys" / SECRET
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = secrets.token_urlsafe(48)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made)
    except FileExistsError:
        return path.read_text()
    return made
