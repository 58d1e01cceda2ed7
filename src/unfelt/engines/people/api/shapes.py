"""What the API says and takes about members and teams."""

from ninja import Schema
from pydantic import Field

from unfelt.web.frame.shapes import Asked, Short


class MemberShown(Schema):
    """A member."""

    name: str
    title: str
    email: str | None
    roles: list[str]
    teams: dict[str, list[str]]
    is_active: bool


class Members(Schema):
    """Everybody who can log in, or could."""

    members: list[MemberShown]


class MemberAsked(Asked):
    """A new member."""

    name: Short
    title: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=200)
    roles: list[Short] = Field(default=[], max_length=20)


class TeamAsked(Asked):
    """A new team: its short name, as plans say it, and what people call it."""

    id: Short
    title: str = Field(default="", max_length=200)


class RolesAsked(Asked):
    """A member's roles in a team; none takes them out."""

    roles: list[Short] = Field(max_length=20)


class TeamShown(Schema):
    """A team, and the roles of its members."""

    id: str
    title: str
    members: dict[str, list[str]]


class Teams(Schema):
    """Every team."""

    teams: list[TeamShown]
