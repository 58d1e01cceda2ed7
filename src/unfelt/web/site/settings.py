"""Django's settings for the console, and its application."""

import os
import secrets
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from unfelt.conf import plugins
from unfelt.conf.database import connect
from unfelt.conf.settings import Oidc, settings

WEB = Path(__file__).resolve().parents[1]
URLS = "unfelt.web.site.urls"
SECRET = "console.secret"  # noqa: S105  (the name of a file)


def application(home: Path, database: str, *, host: str) -> Callable[..., Any]:
    """The ASGI application over the records of that installation, its tables in place.

    host: under which it may be asked for; any other `Host` is refused.
    """
    connect_console(home, database, host=host)
    from django.core.handlers.asgi import ASGIHandler

    import_module(URLS)  # A page that cannot be is found now, not at the first visit.

    made: Callable[..., Any] = ASGIHandler()
    return made


def connect_console(home: Path, database: str, *, host: str = "127.0.0.1") -> None:
    """The records are open, with what the console keeps beside them: second factors, directory, sessions."""
    connect(database, more=site_settings(home, host=host), keys=home / "keys")


def site_settings(home: Path, *, host: str) -> dict[str, Any]:
    """What Django is told beside where the records are."""
    here = settings()
    public = urlsplit(here.url).hostname
    return {
        "UNFELT_HOME": home,
        "SECRET_KEY": _secret(home),
        "ALLOWED_HOSTS": sorted({host, "localhost", "127.0.0.1", "[::1]", *([public] if public else [])}),
        "ROOT_URLCONF": URLS,
        "INSTALLED_APPS": [
            "unfelt.records",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "allauth",
            "allauth.account",
            "allauth.mfa",
            "allauth.socialaccount",
            "allauth.socialaccount.providers.openid_connect",
        ],
        "MIDDLEWARE": [
            "unfelt.web.access.guarding.headers",
            "unfelt.web.access.guarding.plain_text_only",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "unfelt.web.access.guarding.in_the_readers_language",
            "unfelt.web.access.guarding.for_those_who_are_known",
            "allauth.account.middleware.AccountMiddleware",
        ],
        **account_settings(),
        **mail_settings(),
        # A session is a file: going back must not ask a database who is there, and what was ended is gone.
        "SESSION_ENGINE": "unfelt.web.access.sessions",
        "UNFELT_SESSION_IDLE": here.idle,
        "UNFELT_PROXIES": here.proxies,
        "UNFELT_URL": here.url,
        # Only what a trusted proxy said is left of it: see guarding.headers.
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SESSION_COOKIE_NAME": "unfelt_session",
        "SESSION_COOKIE_HTTPONLY": True,
        # Not `Strict`: it has to come along when the house's directory sends somebody back.
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_FAILURE_VIEW": "unfelt.web.frame.said.not_from_here",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": templates(),
                "OPTIONS": {"environment": "unfelt.web.frame.words.environment"},
            },
            {
                # The pages of django-allauth, in the console's dress.
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [WEB / "accounts" / "dress"],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "unfelt.web.frame.shown.dress",
                    ]
                },
            },
        ],
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 5_000_000,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2_000,
        "FILE_UPLOAD_PERMISSIONS": 0o600,
        "DEBUG": False,
        "LOGGING_CONFIG": None,
    }


def templates() -> list[Path]:
    """Where the templates of pages lie: with the frame, with whoever logs in, and with each engine."""
    ours = [WEB / "frame" / "templates", WEB / "accounts" / "templates"]
    return ours + [one for one in plugins.folders("templates") if one not in ours]


def mail_settings() -> dict[str, Any]:
    """How accounts send a link for a new password; nothing is sent where the house has no mail server."""
    mail = settings().mail
    if mail is None:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    return {
        "EMAIL_BACKEND": "unfelt.web.accounts.mailing.HouseMail",
        "DEFAULT_FROM_EMAIL": mail.sender,
        "EMAIL_TIMEOUT": 20,
    }


def account_settings() -> dict[str, Any]:
    """Who may log in and how: see django-allauth."""
    house = settings().oidc
    apps = [] if house is None else [_house(house)]
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "AUTH_PASSWORD_VALIDATORS": [
            {
                "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
                "OPTIONS": {"min_length": 12},
            },
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        ],
        "LOGIN_REDIRECT_URL": "/",
        "LOGIN_URL": "/accounts/login/",
        "ACCOUNT_ADAPTER": "unfelt.web.accounts.adapter.Accounts",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": "name",
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "unfelt: ",
        "PASSWORD_RESET_TIMEOUT": 3600,
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 600,
        # Wrong passwords and codes: see members/throttle.py. Of mails for a new password one gets three an hour.
        "ACCOUNT_RATE_LIMITS": {"login_failed": None, "login": "60/m/ip", "reset_password": "20/h/ip,3/h/key"},
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "OPTIONS": {"MAX_ENTRIES": 100_000},
            }
        },
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_FORMS": {
            "authenticate": "unfelt.web.accounts.codes.Asked",
            "reauthenticate": "unfelt.web.accounts.codes.AskedAgain",
        },
        "MFA_TOTP_ISSUER": "unfelt",
        "MFA_TOTP_TOLERANCE": 1,  # A step of 30 s: clocks of phones differ.
        "SOCIALACCOUNT_ADAPTER": "unfelt.web.accounts.directory.Houses",
        "SOCIALACCOUNT_ENABLED": bool(apps),
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": apps, "OAUTH_PKCE_ENABLED": True}},
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,  # Who is joined, and who is not: see members/directory.py.
        "SOCIALACCOUNT_LOGIN_ON_GET": False,
    }


def _house(house: Oidc) -> dict[str, Any]:
    return {
        "provider_id": "house",
        "name": house.name,
        "client_id": house.client,
        "secret": house.secret_file.read_text().strip(),
        "settings": {"server_url": house.url},
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
