"""Malformed bodies for every operation of the API: none is a fault of unfelt, none a database that is away.

Each is a body that would do, broken in one of many ways; or no body at all. Seeded: what was found is found again.
Schemathesis over the same operations: tests/web/api/test_api_schema.py, at night.
"""

import json
import os
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from doors_house import ROLES, Script, a_change, a_team, in_team, someone
from urls_by_role import API, Row

EACH = int(os.environ.get("UNFELT_MALFORMED", "100"))
NIGHT = 500
ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**400,
        -(10**400),
        2**63,
        2**31,
        1e308,
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
    ),
    *(
        "x" * 1_000,
        "x" * 70_000,
        "测" * 300,
        "\u202e",
        "=1+1",
        "'; DROP TABLE records_member; --",
        "%s%n",
        "../../etc",
    ),
    *(
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
        "NaN",
        [],
        [[]],
        [None],
        {},
        {"": {}},
        ["x"] * 5_000,
        {"a": "\x00"},
    ),
)
WIRE = (
    *(b"", b"{", b"[", b"null", b'"x"', b"1", b"NaN", b"\xff\xfe", b'{"a":1', b"{}{}", b"[" * 5_000, b"{'a': 1}"),
    *(b'{"a": 1, "a": 2}', b'{"\\u0000": 1}', b'{"text": "\\ud800"}', b'{"text": ' + b"9" * 5_000 + b"}", b"\0"),
)
FORM = "application/x-www-form-urlencoded"
TYPES = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
)


@pytest.fixture(scope="module")
def house() -> tuple[Script, dict[str, str]]:
    """A script that holds every scope and every role, and a change."""
    team = a_team()
    names = {
        "CHANGE": a_change(team, tier="major"),
        "TEAM": team,
        "ROLLOUT": "none-1",
        "REQUEST": "1",
        "LESSON": "1",
    }
    person = in_team(team, ROLES[:-1], everywhere=ROLES)
    return person.script(), names


def filled(text: str, names: dict[str, str]) -> str:
    """The text with the names in it."""
    for word, name in names.items():
        text = text.replace(word, name)
    return text


def broken(given: Any, chance: random.Random) -> Any:
    """The same with one part of it odd, missing or too much."""
    if not isinstance(given, dict) or not given or chance.random() < 0.15:
        return chance.choice(ODD)
    found = dict(given)
    name = chance.choice([*found])
    way = chance.randrange(4)
    if way == 0:
        del found[name]
    elif way == 1:
        found[chance.choice(["", "more", "\x00", "\ud800", "__proto__"])] = chance.choice(ODD)
    else:
        found[name] = chance.choice(ODD)
    return found


def path_of(row: Row, names: dict[str, str], chance: random.Random) -> str:
    """Its address, now and then with another name, number or question in it."""
    path = filled(row.path, names)
    if chance.random() < 0.15:
        parts = path.strip("/").split("/")
        odd = [
            "0",
            "9" * 400,
            "-1",
            "%00",
            "%ff",
            "%ed%a0%80",
            "x" * 300,
            "é",
            "..",
            "%2e%2e",
            "a%0ab",
            "'",
            "1e9",
        ]
        parts[chance.randrange(2, max(len(parts), 3)) % len(parts)] = chance.choice(odd)
        path = f"/{'/'.join(parts)}/"
    if row.method == "get" or chance.random() < 0.1:
        odd = [
            "q=%00",
            f"q={'x' * 70_000}",
            "page=" + "9" * 400,
            "page=-1",
            "before=" + "9" * 30,
            "kind=%ff",
            "month=13",
        ]
        path += ("&" if "?" in path else "?") + chance.choice(
            [*odd, "q=%ed%a0%80", "year=1e3", "q=[]", "state=x", "a=b"]
        )
    return path


def requests_for(row: Row, names: dict[str, str], *, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Malformed requests, the same in every run."""
    chance = random.Random(f"{row.method} {row.path}")
    given = row.body[1] if isinstance(row.body, tuple) else row.body
    for number in range(count):
        path = path_of(row, names, chance)
        if row.method in ("get", "delete"):
            yield path, {}
        elif number < len(WIRE):
            yield path, {"data": WIRE[number], "content_type": chance.choice(TYPES)}
        elif isinstance(row.body, tuple):
            made = broken(given, chance)
            pairs = made.items() if isinstance(made, dict) else [("kind", made)]
            spelled = {str(name): str(one)[:5_000] for name, one in pairs}
            text = urlencode(spelled, errors="surrogatepass").encode()
            yield path, {"data": text, "content_type": FORM if number % 5 else chance.choice(TYPES)}
        else:
            body = json.dumps(broken(given, chance)).encode()
            yield path, {"data": body, "content_type": TYPES[0] if number % 10 else chance.choice(TYPES)}


def failures(row: Row, house: tuple[Script, dict[str, str]], *, count: int) -> list[tuple[int, str, str]]:
    """Requests that were answered with 500 or more, or not in JSON where something was refused."""
    script, names = house
    found = []
    for path, given in requests_for(row, names, count=count):
        answer = script.ask(row.method, path, **given)
        if answer.status_code >= 500:
            found.append((answer.status_code, path[:200], str(given.get("data"))[:200]))
    return found


ROWS = pytest.mark.parametrize("row", API, ids=lambda row: f"{row.method} {row.path}")


@pytest.mark.slow
@ROWS
def test_no_malformed_request_is_a_fault_of_unfelt(house, row):
    """A hundred for each operation by day; UNFELT_MALFORMED says another number."""
    assert failures(row, house, count=EACH) == []


@pytest.mark.nightly
@ROWS
def test_nor_are_five_hundred(house, row):
    """The same and more."""
    assert failures(row, house, count=NIGHT) == []


FORMS = (
    *("/mine/sign/", "/new/yaml/", "/drafts/", "/requests/", "/changes/CHANGE/hand/", "/changes/CHANGE/plan/"),
    *("/changes/CHANGE/controls/team.form/sign/", "/changes/CHANGE/controls/team.form/waive/"),
    *("/changes/CHANGE/controls/team.form/evidence/", "/changes/CHANGE/comments/", "/changes/CHANGE/lessons/"),
    *("/settings/members/", "/settings/teams/", "/settings/house/", "/settings/me/token/", "/settings/me/deputy/"),
    *("/settings/me/telling/", "/settings/webhooks/", "/new/from/service-release/", "/rollouts/none-1/confirm/"),
)
FIELDS = (
    *(
        "title",
        "why",
        "wanted_by",
        "text",
        "based_on",
        "do",
        "seen",
        "control",
        "to",
        "due",
        "kind",
        "answer",
        "reason",
    ),
    *(
        "length",
        "agrees",
        "accepts",
        "revision",
        "pin",
        "unpin",
        "agreed_by",
        "number:people_per_skill",
        "name",
        "email",
        "roles",
        "id",
        "days",
        "scopes",
        "url",
        "kinds",
    ),
    *("since", "until", "deputy", "proposal", "sign", "member", "action", "refuse", "/change/title", "contact"),
)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_no_malformed_form_is_a_fault_of_unfelt(house, form):
    """Fifteen of each form of the console, with fields of all of them."""
    browser, chance = someone(ROLES).browser(), random.Random(form)
    odd = [str(one) for one in ODD if not isinstance(one, str) or one.isprintable()] + [
        "a\x00b",
        "\r\n",
        "9" * 400,
    ]
    found = []
    for _number in range(15):
        fields = {name: chance.choice(odd)[:20_000] for name in chance.sample(FIELDS, 12)}
        answer = browser.post(filled(form, house[1]), fields)
        if answer.status_code >= 500:
            found.append((answer.status_code, {name: one[:80] for name, one in fields.items()}))
    assert found == []
