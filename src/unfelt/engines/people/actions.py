"""Members, teams, deputies and tokens are added and changed here alone; who did it is on record."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils.timezone import is_aware

from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.people import entries
from unfelt.engines.people.reading import PeopleError, digest_of
from unfelt.engines.rights import ROLES, token_scopes
from unfelt.records import covering
from unfelt.records.models import Brand, Deputy, Member, Membership, Team, Telling, Token

MARK = "unfelt_"
"""What every token begins with, so that one that was published by mistake is found."""
OURS = ("guard", "api")
"""Names that the ledger knows as something else than a person."""
LONGEST_TOKEN = timedelta(days=366)
LONGEST_ADMIN = timedelta(days=31)
"""Of a token that adds members."""


def add_member(
    name: str, *, by: str, at: datetime, title: str = "", email: str = "", roles: Iterable[str] = ()
) -> Member:
    """A member who has no password yet: they come by a link."""
    name, email = name.strip(), email.strip()
    if not name or len(name) > 200 or any(not one.isprintable() or one in "<>/" for one in name):
        said = Message("A name of 1 to 200 printable characters is due, without < > /; given: {name}", name=name)
        raise PeopleError("name", said)
    if name.lower() in OURS:
        raise PeopleError("name", Message("{name} is a name that unfelt itself acts under.", name=name))
    if Member.objects.filter(name__iexact=name).exists():
        raise PeopleError("name", Message("{name} is a member already.", name=name))
    _must_be_mail(email)
    with transaction.atomic():
        member = Member(name=name, title=title.strip()[:200], email=email or None, joined_at=at)
        member.roles = _roles(roles)
        member.set_unusable_password()
        member.save()
        Telling.objects.create(member=member, told_at=at)
        _note(entries.MEMBER_ADDED, {"person": name, "roles": member.roles}, by=by, at=at)
    return member


def change_member(
    member: Member, *, by: str, at: datetime, title: str, email: str, roles: Iterable[str], is_active: bool
) -> None:
    """As given from here on; somebody who is made inactive is logged out everywhere. One admin has to be left."""
    email, new = email.strip(), _roles(roles)
    _must_be_mail(email, but=member)
    with transaction.atomic():
        others = Member.objects.filter(is_active=True).exclude(pk=member.pk).values_list("roles", flat=True)
        stays = is_active and "admin" in new
        if "admin" in member.roles and not stays and not any("admin" in one for one in others):
            said = Message("{name} is the last admin: make another one first.", name=member.name)
            raise PeopleError("roles", said)
        if not is_active:
            member.generation += 1
        noted: dict[str, Any] = {"person": member.name, "roles": new, "active": is_active}
        if (email or None) != member.email:
            noted["address"] = "changed"  # Which one is nobody's to read in the chain.
        member.title, member.email, member.roles, member.is_active = (
            title.strip()[:200],
            email or None,
            new,
            is_active,
        )
        member.save()
        _note(entries.MEMBER_CHANGED, noted, by=by, at=at)


def invite(member: Member, *, by: str, at: datetime) -> None:
    """That a link for them was made is on record."""
    _note(entries.INVITED, {"person": member.name}, by=by, at=at)


def recover(member: Member, *, by: str, at: datetime, factor: bool) -> None:
    """They have no password any more and their tokens are revoked: whoever they were, they come by a link.

    factor: their second factor ends with it, which is on record as such.
    """
    with transaction.atomic():
        member.set_unusable_password()
        member.generation += 1
        member.recovered_at = at
        member.save(update_fields=["password", "generation", "recovered_at"])
        _note(entries.ACCOUNT_OPENED, {"person": member.name, "second_factor_ended": factor}, by=by, at=at)
        for row in Token.objects.filter(member=member, revoked_at=None, until__gt=at):
            revoke_token(row, by=by, at=at)


def end_sessions(member: Member, *, by: str, at: datetime) -> None:
    """No session of theirs is taken for theirs any more; that is on record."""
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(generation=F("generation") + 1)
        member.refresh_from_db(fields=["generation"])
        _note(entries.SESSIONS_ENDED, {"person": member.name}, by=by, at=at)


def look_away(member: Member) -> None:
    """They have seen what they were told about their account."""
    Member.objects.filter(pk=member.pk).update(failed=0, failed_since=None, recovered_at=None)


def note_account(kind: EntryKind, member: Member, *, by: str, at: datetime, **more: Any) -> None:  # noqa: ANN401
    """What became of how somebody logs in is on record; never with an address or a secret."""
    _note(kind, {"person": member.name, **more}, by=by, at=at)


def note_machine_token(what: str, *, by: str, at: datetime) -> None:
    """That the token of the installation is another, or none, is on record."""
    _note(entries.MACHINE_TOKEN, {"what": what}, by=by, at=at)


def call_house(name: str, contact: str, *, by: str, at: datetime) -> Brand:
    """Under which name the house speaks from here on, and whom people turn to."""
    said = {"name": name.strip(), "contact": contact.strip()}
    for field, most in (("name", 80), ("contact", 200)):
        if len(said[field]) > most or not said[field].isprintable():
            raise PeopleError(field, Message("A line of at most {n} characters is due.", n=most))
    with transaction.atomic():
        row: Brand = Brand.objects.update_or_create(pk=1, defaults=said)[0]
        _note(entries.HOUSE_NAMED, said, by=by, at=at)
    return row


def add_team(name: str, title: str, *, by: str, at: datetime) -> Team:
    """A team without members."""
    import re

    name, title = name.strip(), title.strip()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", name):
        said = Message("A short name is due, such as checkout: a to z, digits, - and _; given: {name}", name=name)
        raise PeopleError("id", said)
    if Team.objects.filter(id=name).exists():
        raise PeopleError("id", Message("There is a team {name} already.", name=name))
    with transaction.atomic():
        team: Team = Team.objects.create(id=name, title=title[:200] or name, made_at=at)
        _note(entries.TEAM_ADDED, {"team": name}, by=by, at=at)
    return team


def put_in_team(member: Member, team: Team, roles: Iterable[str], *, by: str, at: datetime) -> None:
    """Their roles there from here on; none takes them out."""
    held = _roles(one for one in roles if one != "admin")
    with transaction.atomic():
        if held:
            Membership.objects.update_or_create(member=member, team=team, defaults={"roles": held})
        else:
            Membership.objects.filter(member=member, team=team).delete()
        _note(entries.MEMBERSHIP, {"person": member.name, "team": team.id, "roles": held}, by=by, at=at)


def name_deputy(
    member: Member, deputy: Member, *, since: datetime, until: datetime, by: str, at: datetime
) -> None:
    """The deputy holds the member's roles in that time."""
    if member == deputy:
        raise PeopleError("deputy", Message("Nobody stands in for themselves."))
    if not (is_aware(since) and since < until and until > at):
        raise PeopleError("until", Message("The end has to lie after the beginning, and ahead."))
    with transaction.atomic():
        Deputy.objects.create(member=member, stands_in=deputy, since=since, until=until)
        said = {
            "person": member.name,
            "deputy": deputy.name,
            "since": since.isoformat(),
            "until": until.isoformat(),
        }
        _note(entries.DEPUTY, said, by=by, at=at)


def end_deputy(member: Member, number: int, *, by: str, at: datetime) -> None:
    """Nobody stands in by that any more."""
    with transaction.atomic():
        for row in Deputy.objects.filter(member=member, pk=number).select_related("stands_in"):
            row.delete()
            _note(entries.DEPUTY_ENDED, {"person": member.name, "deputy": row.stands_in.name}, by=by, at=at)


def make_token(
    member: Member, title: str, scopes: Iterable[str], *, valid: timedelta, by: str, at: datetime
) -> str:
    """A new token, shown once: only its digest is kept."""
    wanted = set(scopes)
    known = token_scopes()
    granted = [right for right in known if right in wanted]
    if not title.strip():
        raise PeopleError("title", Message("Say what the token is for."))
    if not granted:
        raise PeopleError(
            "scopes",
            Message("Choose what the token may do: at least one of {all}.", all=", ".join(token_scopes())),
        )
    if not timedelta(0) < valid <= LONGEST_TOKEN:
        raise PeopleError("days", Message("A token is valid for 1 to 366 days."))
    if "admin" in granted:
        _must_be_admin(member, valid)
    token = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Token(member=member, title=title.strip()[:200], scopes=granted, digest=digest_of(token), made_at=at)
        row.until = at + valid
        row.save()
        _note(entries.TOKEN_MADE, {"person": member.name, "token": row.pk, "scopes": granted}, by=by, at=at)
    return token


def _must_be_admin(member: Member, valid: timedelta) -> None:
    if "admin" not in member.roles:
        raise PeopleError("scopes", Message("Only an admin's token may change settings."))
    if valid > LONGEST_ADMIN:
        raise PeopleError("days", Message("A token that may change settings is valid for 1 to 31 days."))


def revoke_token(row: Token, *, by: str, at: datetime) -> None:
    """Nobody acts with it any more."""
    with transaction.atomic():
        covering.note(row)
        if Token.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=at):
            _note(entries.TOKEN_REVOKED, {"person": row.member.name, "token": row.pk}, by=by, at=at)


def _note(kind: EntryKind, body: Mapping[str, Any], *, by: str, at: datetime) -> None:
    record(kind, {**body, "by": by}, rollout=None, at=at)


def _roles(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    strange = wanted - set(ROLES)
    if strange:
        said = Message("There is no role {name}. Roles: {all}", name=sorted(strange)[0], all=", ".join(ROLES))
        raise PeopleError("roles", said)
    return [role for role in ROLES if role in wanted]


def _must_be_mail(email: str, *, but: Member | None = None) -> None:
    if not email:
        return
    try:
        validate_email(email)
    except ValidationError:
        raise PeopleError(
            "email", Message("{email} is not an address such as lin@shop.example.", email=email)
        ) from None
    same = Member.objects.filter(email__iexact=email)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise PeopleError("email", Message("Another member has the address {email}.", email=email))
