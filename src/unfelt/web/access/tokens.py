"""Who calls: the installation's own token, which asks no database, or a member's."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from unfelt.conf.language import Message
from unfelt.engines.people.actions import MARK
from unfelt.engines.people.reading import PeopleError, reader_with
from unfelt.engines.people.rights import Reader
from unfelt.records.models import Member
from unfelt.web.access import machine_token

MACHINE = Reader("api", frozenset({"agent"}), scopes=frozenset({"read", "back"}))
"""Whoever has the token of the installation: it reads and takes back, and nothing else."""


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
    if machine_token.is_it(settings.UNFELT_HOME, token, now=datetime.now(UTC)):
        return MACHINE
    return reader_with(token, now=datetime.now(UTC)) if token.startswith(MARK) else None


def member_of(known: Reader) -> Member:
    """The member who acts; PeopleError for the installation's token, which is nobody's."""
    found: Member | None = Member.objects.filter(name=known.name, is_active=True).first()
    if found is None:
        raise PeopleError("token", Message("This takes the token of a member: Settings, Me."))
    return found
