"""Every address by every role and scope, beside a table that is written by hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern
from doors_house import Person, Script, a_change, a_team, in_team, someone
from urls_by_role import ALL, API, CONSOLE, LEAVING, LETTERS, OPEN, STREAMS, Row

from unfelt.engines.ledger.standards import standards
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.rights import ROLES, token_scopes
from unfelt.engines.teamwork.requests import ask, draw_lesson
from unfelt.engines.teamwork.sending import send_report
from unfelt.records.models import ChangeRow, Rollout
from unfelt.rollout.places import Places
from unfelt.rollout.start import begin
from unfelt.web.printed.gates import gates_page
from unfelt.web.site.api import api
from unfelt.web.site.urls import urlpatterns

pytestmark = pytest.mark.slow

ROLLOUT = "guard: {impact_budget: 150 customers}\n"
TRAFFIC = "rollout: {old: 'http://127.0.0.1:9', new: 'http://127.0.0.1:19', listen: '127.0.0.1:8099'}\n"
REFUSED = (401, 403)


@dataclass(frozen=True)
class House:
    """A change of a team with a rollout, a request and a lesson; names stand for them in the table."""

    team: str
    names: dict[str, str]

    def path(self, row: Row) -> str:
        """The address with the names in it."""
        return self.filled(row.path)

    def filled(self, text: str) -> str:
        """The text with the names in it."""
        for word, name in self.names.items():
            text = text.replace(word, name)
        return text

    def body(self, row: Row) -> dict[str, Any]:
        """What is sent, as the client takes it."""
        if isinstance(row.body, tuple):
            return {"data": row.body[1]}
        if row.body is None:
            return {}
        return {"json": {key: self.filled(one) if isinstance(one, str) else one for key, one in row.body.items()}}


@pytest.fixture(scope="module")
def house() -> House:
    """In this process."""
    team, at = a_team(), datetime.now(UTC)
    name = a_change(team, tier="major", more={ROLLOUT: ROLLOUT + TRAFFIC})
    change = plans_of([ChangeRow.objects.select_related("revision").get(name=name)])[name]
    rollout = begin(change, places=Places(settings.UNFELT_HOME), at=at)
    Places(settings.UNFELT_HOME).remember(rollout.id, change=name, directory=rollout.directory, team=team)
    by = in_team(team, ["owner"]).member
    request = ask("A wish", "It is slow", wanted_by=None, by=by, at=at)
    lesson = draw_lesson(name, "Look twice", action="", member=None, due=None, by=by, at=at)
    said = {"written": gates_page, "by": by.name, "at": at}
    report = send_report(change, standards(), [in_team(team, ["operator"]).member], **said)
    names = {"CHANGE": name, "ROLLOUT": rollout.id, "REQUEST": str(request.pk), "LESSON": str(lesson.pk)}
    return House(team, {**names, "TEAM": team, "REPORT": report})


def told(client: Client | Script, row: Row, house: House) -> int:
    """The status of the answer."""
    if isinstance(client, Script):
        return client.ask(row.method, house.path(row), **house.body(row)).status_code
    return getattr(client, row.method)(house.path(row)).status_code


def wrong(rows: tuple[Row, ...], client: Client | Script, house: House, expected: Any) -> dict[str, Any]:
    """Where the answer is another one: the address, what was due and what came."""
    found = {}
    for row in rows:
        status, due = told(client, row, house), expected(row)
        is_so = {
            "in": status not in REFUSED and status < 500,
            "refused": status == 403,
            "hidden": status in (403, 404),
        }[due]
        if not is_so:
            found[f"{row.method} {row.path}"] = (due, status)
    return found


def letter(role: str) -> str:
    return next(one for one, name in LETTERS.items() if name == role)


def person(role: str, team: str) -> Person:
    """Somebody who holds the role in that team; an admin is one everywhere."""
    return someone(["admin"]) if role == "admin" else in_team(team, [role])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rows", [CONSOLE, API], ids=["console", "api"])
def test_a_role_in_the_team(house: House, role: str, rows: tuple[Row, ...]):
    """Gets where the table says, and is refused with the roles that may where it does not."""
    one = person(role, house.team)
    client = one.browser() if rows is CONSOLE else one.script()

    def expected(row: Row) -> str:
        may = letter(role) in row.roles and (row.where != "house" or role == "admin")
        return "in" if may else "refused"

    assert wrong(rows, client, house, expected) == {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rows", [CONSOLE, API], ids=["console", "api"])
def test_a_role_that_is_held_everywhere(house: House, role: str, rows: tuple[Row, ...]):
    """Gets where what is asked for is no team's, which a role in one team does not."""
    one, of_house = someone([role]), tuple(row for row in rows if row.where == "house")
    client = one.browser() if rows is CONSOLE else one.script()
    assert wrong(of_house, client, house, lambda row: "in" if letter(role) in row.roles else "refused") == {}


@pytest.mark.parametrize("rows", [CONSOLE, API], ids=["console", "api"])
def test_every_role_in_another_team(house: House, rows: tuple[Row, ...]):
    """What is a team's is not there for it, and what is the house's is refused."""
    one = in_team(a_team(), ROLES[:-1])
    client = one.browser() if rows is CONSOLE else one.script()

    def expected(row: Row) -> str:
        return {"team": "hidden", "house": "refused", "any": "in"}[row.where]

    assert wrong(rows, client, house, expected) == {}


def test_nobody_known_and_nobody_with_a_role(house: House):
    """401 for the one; for the other 403, or that it is not there."""
    stranger, guest = Client(SERVER_NAME="localhost", raise_request_exception=False), someone()
    assert {told(stranger, row, house) for row in (*CONSOLE, *API)} == {401}
    assert {told(Script("unfelt_wrong"), row, house) for row in API} == {401}
    browser, script = guest.browser(), guest.script()
    found = {(row.path, told(browser, row, house)) for row in CONSOLE}
    found |= {(row.path, told(script, row, house)) for row in API}
    assert {path for path, status in found if status not in (403, 404)} == set()


@pytest.mark.parametrize("scope", token_scopes())
def test_a_token_does_what_its_scope_says_and_nothing_else(house: House, scope: str):
    """Of somebody who holds every role everywhere."""
    script = someone(ROLES).script(scope)

    def expected(row: Row) -> str:
        return "in" if row.scope == scope else "refused"

    assert wrong(API, script, house, expected) == {}


def test_every_address_of_the_console_is_in_the_table(house: House):
    """A new page says there who may open it."""
    known = {house.path(row).partition("?")[0] for row in CONSOLE}
    known |= {house.filled(path) for path in (*STREAMS, *LEAVING)}
    patterns = [f"/{one.pattern}" for one in urlpatterns if isinstance(one, URLPattern)]
    unnamed = [one for one in patterns if not one.startswith((*OPEN, "/^accounts")) and not _is_among(one, known)]
    assert unnamed == []


def test_every_operation_of_the_api_is_in_the_table(house: House):
    """By its own description."""
    known = {(row.method, house.path(row).partition("?")[0]) for row in API}
    unnamed = [(method, path) for method, path in _operations() if not _is_operation(method, path, known)]
    assert unnamed == []


def test_the_table_is_well_formed():
    """No letter that is no role, no row twice."""
    rows = (*CONSOLE, *API)
    assert {one for row in rows for one in row.roles} <= set(ALL)
    assert len({(row.method, row.path) for row in rows}) == len(rows)


def _operations() -> Iterator[tuple[str, str]]:
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        for method in methods:
            yield method, path


def _is_operation(method: str, path: str, known: set[tuple[str, str]]) -> bool:
    form = re.sub(r"\{[^}]*\}", "[^/]+", path)
    return any(one == method and re.fullmatch(form, where) for one, where in known)


def _is_among(pattern: str, known: set[str]) -> bool:
    form = re.sub(r"<[^>]*>", "[^/]+", pattern)
    return any(re.fullmatch(form, one) for one in known)


def test_reading_writes_nothing(house: House):
    """No GET changes a table, not even where a rollout ended and nobody has noted it."""
    name, now = house.names["CHANGE"], datetime.now(UTC)
    row = Rollout.objects.get(pk=house.names["ROLLOUT"])
    ended = {"began": now, "ended": now, "state_since": now, "state": "done", "budget": 40, "directory": ""}
    Rollout.objects.create(id=f"{name}-ended", change=name, revision=row.revision, attempt=2, **ended)
    one, written = someone(ROLES), []

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        if sql.split(None, 1)[0].strip("(").upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE"):
            written.append(sql)
        return execute(sql, *more)

    for client, rows in ((one.browser(), CONSOLE), (one.script(), API)):
        told(client, rows[0], house)  # Coming in is on record; what is read after it is not.
        with connection.execute_wrapper(watch):
            for address in (row for row in rows if row.method == "get"):
                told(client, address, house)
    assert written == []
