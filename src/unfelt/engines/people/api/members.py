"""Members and teams, for scripts."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from unfelt.engines.asked import Words
from unfelt.engines.people.access import NothingHereError, must
from unfelt.engines.people.actions import add_member, add_team, put_in_team
from unfelt.engines.people.api.shapes import Members, MemberShown, Teams, TeamShown
from unfelt.engines.people.asked import MemberAsked, RolesAsked, TeamAsked
from unfelt.engines.people.pages.members import members_like
from unfelt.engines.people.reading import member_called
from unfelt.records.models import Member, Team
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.accounts.recording import rights_changed
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


@router.get("members/", response={200: Members, **REFUSED})
def members(request: HttpRequest, q: Words = "") -> Answer:
    """Everybody who can log in, or could."""
    must(reader(request), "admin")
    return {"members": [_shown(one) for one in members_like(q)]}


@router.post("members/", response={201: MemberShown, **REFUSED})
def add(request: HttpRequest, asked: MemberAsked) -> Answer:
    """A new member, who comes by a link that an admin makes in the console."""
    known = reader(request)
    must(known, "admin")
    return Status(201, _shown(add_member(**asked.model_dump(), by=known.name, at=now_of(request))))


@router.get("teams/", response={200: Teams, **REFUSED})
def teams(request: HttpRequest) -> Answer:
    """Every team with its members and their roles there."""
    must(reader(request), "admin")
    return {"teams": [_team(one) for one in Team.objects.all()]}


@router.post("teams/", response={201: TeamShown, **REFUSED})
def new_team(request: HttpRequest, asked: TeamAsked) -> Answer:
    """A team without members."""
    known = reader(request)
    must(known, "admin")
    return Status(201, _team(add_team(asked.id, asked.title, by=known.name, at=now_of(request))))


@router.put("teams/{team}/members/{member}/", response={200: TeamShown, **REFUSED})
def join(request: HttpRequest, team: str, member: str, asked: RolesAsked) -> Answer:
    """A member's roles in the team from here on; none takes them out."""
    known = reader(request)
    must(known, "admin")
    found = Team.objects.filter(pk=team).first()
    if found is None:
        raise NothingHereError
    who = member_called(member)
    put_in_team(who, found, asked.roles, by=known.name, at=now_of(request))
    rights_changed(who)
    return _team(found)


def _team(one: Team) -> dict[str, Any]:
    held = {member.member.name: member.roles for member in one.memberships.select_related("member")}
    return {"id": one.id, "title": one.title, "members": held}


def _shown(one: Member) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "email": one.email,
        "roles": one.roles,
        "teams": {held.team_id: held.roles for held in one.memberships.all()},
        "is_active": one.is_active,
    }
