"""Codes are taken once, cannot be tried for long, and nothing of a factor changes in an old session."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from accounting import DOOR, ME, WORD, entries, logged_in, with_factor, with_password
from authenticator import code_for
from serving import Served, post, served

pytestmark = pytest.mark.slow

CODES = "/accounts/2fa/recovery-codes/"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console with nothing in it, behind a proxy on the loopback."""
    with served(tmp_path_factory.mktemp("factor") / "home", environment={"UNFELT_PROXY": "127.0.0.1"}) as running:
        yield running


@pytest.fixture(scope="module")
def admin(console: Served) -> httpx.Client:
    """Somebody with every role."""
    return console.known(by="root")


def at_the_door(console: Served, name: str, **headers: str) -> httpx.Client:
    """A browser that gave the password and is asked for a code."""
    client, answer = logged_in(console, name, **headers)
    assert answer.headers["Location"].startswith(DOOR), answer.text
    client.get(DOOR)
    return client


def says(client: httpx.Client, code: str) -> int:
    """302 where the code lets in."""
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "code": code}
    return client.post(DOOR, data=fields).status_code


def test_a_code_is_taken_once_even_when_the_console_began_again_between(admin, console):
    """The one it was set up with too, and none from before one that was used."""
    with_password(console, admin, "guo")
    secret = with_factor(logged_in(console, "guo")[0])
    now = time.time()
    assert says(at_the_door(console, "guo"), code_for(secret, now)) == 200
    assert says(at_the_door(console, "guo"), code_for(secret, now + 30)) == 302
    assert says(at_the_door(console, "guo"), code_for(secret, now + 30)) == 200
    assert says(at_the_door(console, "guo"), code_for(secret, now)) == 200
    with served(console.home, environment=console.environment) as again:
        assert says(at_the_door(again, "guo"), code_for(secret, now + 30)) == 200


def test_of_many_who_send_a_code_at_once_one_comes_in(admin, console):
    """Four browsers, each with the password."""
    with_password(console, admin, "many")
    secret = with_factor(logged_in(console, "many")[0])
    doors = [at_the_door(console, "many") for _one in range(4)]
    code = code_for(secret, time.time() + 30)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda door: says(door, code), doors))
    came = [door.get(ME).status_code for door in doors]
    assert came.count(200) == 1, came


def test_a_recovery_code_is_taken_once(admin, console):
    """And making others is on record."""
    with_password(console, admin, "hua")
    client = logged_in(console, "hua")[0]
    with_factor(client)
    shown = client.get(CODES).text
    code = re.search(r"\b(\d{8})\b", shown)[1]
    assert says(at_the_door(console, "hua"), code) == 302
    assert says(at_the_door(console, "hua"), code) == 200
    assert {"person": "hua", "by": "hua", "what": "added"} in entries(console, "second factor")


def test_codes_cannot_be_tried_from_one_place_for_long_and_the_member_is_told(admin, console):
    """After five there is a pause in which the right one is not taken either; elsewhere it is."""
    with_password(console, admin, "bai")
    secret = with_factor(logged_in(console, "bai")[0])
    here = {"X-Forwarded-For": "203.0.113.7"}
    thief = at_the_door(console, "bai", **here)
    for number in range(5):
        assert says(thief, f"{number:06d}") == 200
    right = code_for(secret, time.time() + 30)
    fields = {"csrfmiddlewaretoken": thief.cookies["csrftoken"], "code": right}
    assert "Too many failed tries" in thief.post(DOOR, data=fields).text
    owner = at_the_door(console, "bai", **{"X-Forwarded-For": "198.51.100.9"})
    assert says(owner, code_for(secret, time.time() + 30)) == 302
    assert "5 logins in your name have failed" in owner.get(ME).text


def test_a_factor_changes_only_after_the_password_and_ends_other_sessions(admin, console):
    """Taking it away too; each is on record."""
    with_password(console, admin, "dong")
    other, client = logged_in(console, "dong")[0], logged_in(console, "dong")[0]
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    with_factor(client)
    assert (other.get(ME).status_code, client.get(ME).status_code) == (401, 200)
    away = "/accounts/2fa/totp/deactivate/"
    assert post(client, away, page=away).status_code == 302
    said = [one["what"] for one in entries(console, "second factor") if one["person"] == "dong"]
    assert said == ["added", "removed"]
    assert logged_in(console, "dong", WORD)[1].headers["Location"] == "/"
