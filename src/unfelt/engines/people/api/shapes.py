"""What the API says about members and teams."""

from ninja import Schema


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


class TeamShown(Schema):
    """A team, and the roles of its members."""

    id: str
    title: str
    members: dict[str, list[str]]


class Teams(Schema):
    """Every team."""

    teams: list[TeamShown]
