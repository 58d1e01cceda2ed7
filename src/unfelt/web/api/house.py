"""What is not of one change: one's work, recurring work, the ledger, members."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from unfelt.engines.people.actions import add_member, add_team, put_in_team
from unfelt.engines.people.reading import member_called
from unfelt.records.models import Member, Team
from unfelt.web.api.known import member_of
from unfelt.web.api.people_shapes import MemberAsked, Members, MemberShown, RolesAsked, TeamAsked, Teams, TeamShown
from unfelt.web.api.shapes import REFUSED, Entries, Programme, Words, Work
from unfelt.web.console.changes import programme_shown
from unfelt.web.console.ledger import entries_of
from unfelt.web.console.members.pages import members_like
from unfelt.web.console.members.reader import NothingHereError, must, must_in_house, reader
from unfelt.web.console.members.recording import rights_changed
from unfelt.web.console.work import work_of

router = Router()
Answer = Any
"""Its shape is declared beside it."""


@router.get("mine/", response={200: Work, **REFUSED})
def work(request: HttpRequest) -> Answer:
    """What waits for the token's member."""
    known = reader(request)
    must(known, "read")
    found = work_of(known, member_of(known))
    return {
        "sign": [_line(one.change, one.standing) for one in found["sign"]],
        "do": [{**_line(one.change, one.standing), "due": one.task.due} for one in found["do"]],
        "questions": [said for _mention, said in found["questions"]],
        "shut": [_line(one.change, held) for one in found["shut"] for held in one.gate.holding],
    }


def _line(change: Any, standing: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "change": change.change.id,
        "control": standing.control.id,
        "what": str(standing.control.title),
        "due": None,
    }


@router.get("programme/", response={200: Programme, **REFUSED})
def programme(request: HttpRequest) -> Answer:
    """Recurring work, the most pressing first."""
    must(reader(request), "read")
    due = [
        {
            "control": one.work.control,
            "what": one.work.what,
            "owner": one.work.owner,
            "due": one.day,
            "state": one.state,
        }
        for one in programme_shown()["due"]
    ]
    return {"due": due}


@router.get("ledger/", response={200: Entries, **REFUSED})
def ledger(
    request: HttpRequest,
    kind: Words = "",
    q: Words = "",
    before: Annotated[int, Field(ge=0, le=2**62)] | None = None,
) -> Answer:
    """Entries of the chain, newest first, fifty at a time. Takes a role that is held everywhere."""
    known = reader(request)
    must_in_house(known, "audit")
    return entries_of(kind, q, before=before)


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
    return Status(201, _shown(add_member(**asked.dict(), by=known.name, at=datetime.now(UTC))))


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
    return Status(201, _team(add_team(asked.id, asked.title, by=known.name, at=datetime.now(UTC))))


@router.put("teams/{team}/members/{member}/", response={200: TeamShown, **REFUSED})
def join(request: HttpRequest, team: str, member: str, asked: RolesAsked) -> Answer:
    """A member's roles in the team from here on; none takes them out."""
    known = reader(request)
    must(known, "admin")
    found = Team.objects.filter(pk=team).first()
    if found is None:
        raise NothingHereError
    who = member_called(member)
    put_in_team(who, found, asked.roles, by=known.name, at=datetime.now(UTC))
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
