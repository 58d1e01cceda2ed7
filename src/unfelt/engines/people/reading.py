"""Members as they are now."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Prefetch

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.engines.people.rights import Reader
from unfelt.engines.rights import Role, as_roles, token_scopes
from unfelt.records.models import Brand, Deputy, Member, Token


class PeopleError(NotDoneError):
    """What cannot be; `message` says why and what to do, `field` where."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message)
        self.field = field


def brand() -> Brand:
    """What the house is called; an empty name where nobody has said it."""
    return Brand.objects.filter(pk=1).first() or Brand(pk=1, name="", contact="")


def member_called(name: str, *, field: str = "member") -> Member:
    """The member of that name who can log in; PeopleError where there is none."""
    found: Member | None = Member.objects.filter(name__iexact=name.strip(), is_active=True).first()
    if found is None:
        raise PeopleError(field, Message("There is no member {name}.", name=name.strip() or "–"))
    return found


def reader_of(member: Member, *, now: datetime, scopes: frozenset[str] | None = None) -> Reader:
    """What they may do now, with the roles of those for whom they stand in."""
    everywhere: set[Role] = set(as_roles(member.roles))
    teams: dict[str, set[Role]] = defaultdict(set)
    for one in _as_whom(member, now):
        if one != member:
            everywhere |= as_roles(one.roles) - {"admin"}  # Settings are nobody's to stand in for.
        for membership in one.memberships.all():
            teams[membership.team_id] |= as_roles(membership.roles)
    granted = None if scopes is None else frozenset(right for right in token_scopes() if right in scopes)
    held = {team: frozenset(roles) for team, roles in teams.items() if roles}
    return Reader(member.name, frozenset(everywhere), held, granted)


def _as_whom(member: Member, now: datetime) -> Iterator[Member]:
    yield member
    absent = Deputy.objects.filter(stands_in=member, since__lte=now, until__gt=now, member__is_active=True)
    for one in absent.select_related("member").prefetch_related(Prefetch("member__memberships")):
        yield one.member


def reader_with(token: str, *, now: datetime) -> Reader | None:
    """Who acts with that token; None where it is unknown, revoked or too old, or its member is gone."""
    found = Token.objects.filter(digest=digest_of(token), revoked_at=None, until__gt=now, member__is_active=True)
    row = found.select_related("member").first()
    if row is None:
        return None
    if row.used_at is None or (now - row.used_at).total_seconds() > 60:
        Token.objects.filter(pk=row.pk).update(used_at=now)
    return reader_of(row.member, now=now, scopes=frozenset(row.scopes))


def digest_of(token: str) -> str:
    """Under which a token is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
