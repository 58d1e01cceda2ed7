"""A house in this process: teams, members with their browsers and tokens, and changes."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.test import Client

from unfelt.engines.people.actions import add_member, add_team, make_token, put_in_team
from unfelt.engines.rights import ROLES, token_scopes
from unfelt.records.models import Member, Team
from unfelt.web.access.links import make_link

PLAN = """\
unfelt: 1
change: {{id: {name}, title: Split, owner: wang, tier: {tier}, team: {team}, facts: {{personal_data: none}}}}
needs: [{{id: peak, because: Checkout times out, source: none, shown_by: A test}}]
touches: [checkout]
experience: {{customer: cookie:uid, metrics: [{{id: failed, bad: "status >= 500", margin: 1%}}]}}
guard: {{impact_budget: 150 customers}}
"""


def unique(word: str) -> str:
    """A name that no other test of this run has."""
    return f"{word}-{secrets.token_hex(4)}"


def a_plan(name: str, team: str, *, tier: str = "normal") -> str:
    """The plan of that change as text."""
    return PLAN.format(name=name, team=team, tier=tier)


@dataclass(frozen=True)
class Person:
    """A member, by name."""

    name: str

    @property
    def member(self) -> Member:
        """The row."""
        return Member.objects.get(name=self.name)

    def script(self, *scopes: str) -> "Script":
        """A script with a token of theirs; every scope that they may give it if none is named."""
        at = datetime.now(UTC)
        all_of_them = [one for one in token_scopes() if one != "admin" or "admin" in self.member.roles]
        given = {"valid": timedelta(days=1), "by": self.name, "at": at}
        return Script(make_token(self.member, "CI", scopes or all_of_them, **given))

    def browser(self) -> Client:
        """A browser in which they have logged in."""
        client = Client(raise_request_exception=False, headers={"accept-language": "en"}, SERVER_NAME="localhost")
        link = make_link(settings.UNFELT_HOME, by=self.name, roles=())
        client.post(f"/login/{link}/")
        return client


@dataclass(frozen=True)
class Script:
    """A client of the API."""

    token: str

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """The answer; json=: sent as JSON."""
        headers = {"authorization": f"Bearer {self.token}"}
        client = Client(raise_request_exception=False, headers=headers, SERVER_NAME="localhost")
        if "json" in given:
            given = {"data": given["json"], "content_type": "application/json"}
        return getattr(client, method)(path, **given)


def a_team() -> str:
    """A team of its own."""
    name = unique("team")
    add_team(name, name, by="test", at=datetime.now(UTC))
    return name


def someone(roles: Iterable[str] = (), **teams: Iterable[str]) -> Person:
    """A new member with these roles everywhere."""
    name = unique("member")
    add_member(name, roles=roles, by="test", at=datetime.now(UTC))
    return Person(name)


def in_team(team: str, roles: Iterable[str], *, everywhere: Iterable[str] = ()) -> Person:
    """A new member with these roles in that team."""
    person = someone(everywhere)
    put_in_team(person.member, Team.objects.get(pk=team), roles, by="test", at=datetime.now(UTC))
    return person


def a_change(team: str, *, tier: str = "normal", more: Mapping[str, str] | None = None) -> str:
    """A change of that team, written by a script of its owner."""
    name = unique("change")
    text = a_plan(name, team, tier=tier)
    for old, new in (more or {}).items():
        text = text.replace(old, new)
    made = in_team(team, ["owner"]).script().ask("post", "/api/changes/", json={"text": text})
    assert made.status_code == 201, made.content
    return name


__all__ = ["ROLES", "Person", "Script", "a_change", "a_plan", "a_team", "in_team", "someone", "unique"]
