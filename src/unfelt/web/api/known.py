"""Who calls: the installation's own token, which asks no database, or a member's."""

import hmac
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from unfelt.conf.language import Message
from unfelt.engines.people.actions import MARK
from unfelt.engines.people.reading import PeopleError, reader_with
from unfelt.engines.people.rights import ROLES, Reader
from unfelt.records.models import Member

MACHINE = Reader("api", frozenset(ROLES))
"""Whoever has the token of the installation."""
TOKEN = "api.token"  # noqa: S105  (the name of a file)


class Bearer(HttpBearer):
    """`Authorization: Bearer`, of Settings, Me; or of the installation: keys/api.token."""

    def authenticate(self, request: HttpRequest, token: str) -> Reader | None:
        """The reader; None becomes status 401."""
        found = known_by(token)
        if found is not None:
            request.unfelt_reader = found
        return found


def known_by(token: str) -> Reader | None:
    """Who brings it; None where nobody knows it."""
    given = token.encode("utf-8", "surrogatepass")
    if hmac.compare_digest(given, token_of(settings.UNFELT_HOME).encode()):
        return MACHINE
    return reader_with(token, now=datetime.now(UTC)) if token.startswith(MARK) else None


def token_of(home: Path) -> str:
    """The token of this installation, made when it is first asked for, readable by its owner alone."""
    path = home / "keys" / TOKEN
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text()


def member_of(known: Reader) -> Member:
    """The member who acts; PeopleError for the installation's token, which is nobody's."""
    found: Member | None = Member.objects.filter(name=known.name, is_active=True).first()
    if found is None:
        raise PeopleError("token", Message("This takes the token of a member: Settings, Me."))
    return found
