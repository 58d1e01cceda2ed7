"""Links that let somebody in: for who cannot log in by themselves, once, on record, and past no second factor."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from accounting import (
    DOOR,
    ME,
    SET,
    WORD,
    added,
    chain,
    entries,
    follow,
    link_in,
    logged_in,
    with_factor,
    with_password,
)
from authenticator import code_for
from postbox import postbox
from serving import Served, post, served

from unfelt.web.access.links import make_link

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def box():
    """A mail server."""
    with postbox() as found:
        yield found


@pytest.fixture(scope="module")
def console(box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console that sends mail."""
    mail = {"UNFELT_MAIL": f"smtp://127.0.0.1:{box[1]}", "UNFELT_MAIL_FROM": "unfelt@shop.example"}
    with served(tmp_path_factory.mktemp("links") / "home", environment=mail) as running:
        yield running


@pytest.fixture(scope="module")
def admin(console: Served) -> httpx.Client:
    """Somebody with every role."""
    return console.known(by="root")


def was_told(box, to: str, what: str) -> bool:
    """Whether that was sent to that address, after a while in which it may arrive."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if any(got == [to] and what in text for got, _subject, text in box[0].mails):
            return True
        time.sleep(0.1)
    return False


def test_no_link_is_made_for_who_has_a_password(console, admin):
    """Neither by page nor by command."""
    where = with_password(console, admin, "lin")
    told = post(admin, f"{where}invite/", page=where)
    assert (told.status_code, "/login/" in told.text, "can log in by themselves" in told.text) == (
        409,
        False,
        True,
    )
    refused = command(console, "--by", "lin")
    assert (refused.returncode, "--recover" in refused.stderr) == (2, True)


def test_a_link_that_lay_ready_lets_nobody_in_as_who_has_a_password_by_now(console, admin):
    """However it was made."""
    where = added(admin, "ma", roles="operator")
    before = link_in(post(admin, f"{where}invite/", page=where).text)
    client = follow(console, link_in(post(admin, f"{where}invite/", page=where).text))
    post(client, SET, page=SET, password1=WORD, password2=WORD)
    for link in (before, f"/login/{make_link(console.home, by='MA')}/"):
        thief = console.stranger()
        answer = post(thief, link, page=link)
        assert (answer.status_code, thief.get(ME).status_code) == (401, 401)


def test_an_account_is_opened_again_on_record_told_and_past_no_second_factor(console, admin, box):
    """Password, tokens and sessions end; the code is asked for after the link."""
    where = with_password(console, admin, "guo", email="guo@shop.example")
    client, _answer = logged_in(console, "guo")
    secret = with_factor(client)
    made = post(client, f"{ME}token/", page=ME, title="CI", days="9", scopes="read").text
    word = re.search(r"unfelt_[\w-]{40,}", made)[0]
    token = console.stranger(Authorization=f"Bearer {word}")
    assert token.get("/api/rollouts/").status_code == 200
    link = link_in(post(admin, f"{where}recover/", page=where).text)
    assert (client.get(ME).status_code, token.get("/api/rollouts/").status_code) == (401, 401)
    assert logged_in(console, "guo")[1].status_code == 200
    stranger = console.stranger()
    answer = post(stranger, link, page=link)
    assert (answer.headers["Location"].startswith(DOOR), stranger.get(ME).status_code) == (True, 401)
    assert post(stranger, DOOR, page=DOOR, code=code_for(secret, time.time() + 30)).status_code == 302
    assert "opened by somebody else" in stranger.get(ME).text
    assert post(stranger, SET, page=SET, password1=WORD, password2=WORD).status_code == 302
    assert entries(console, "account opened") == [{"person": "guo", "by": "root", "second_factor_ended": False}]
    assert entries(console, "came")[-1] == {"by": "guo", "way": "recovery"}
    assert was_told(box, "guo@shop.example", "root opened your account again")


def test_a_second_factor_that_is_lost_ends_only_where_that_is_said_and_recorded(console, admin, box):
    """It is an entry of its own, and the mail says it."""
    where = with_password(console, admin, "he", email="he@shop.example")
    with_factor(logged_in(console, "he")[0])
    link = link_in(post(admin, f"{where}recover/", page=where, factor="on").text)
    assert follow(console, link).get(ME).status_code == 200
    assert {"person": "he", "by": "root", "what": "removed by another"} in entries(console, "second factor")
    assert was_told(box, "he@shop.example", "ended your second factor")


def test_of_many_who_use_a_link_at_once_one_comes_in(console, admin):
    """Twelve at once."""
    where = added(admin, "once", roles="operator")
    link = link_in(post(admin, f"{where}invite/", page=where).text)
    clients = [console.stranger() for _one in range(12)]
    for client in clients:
        client.get(link)

    def press(client: httpx.Client) -> int:
        return client.post(link, data={"csrfmiddlewaretoken": client.cookies["csrftoken"]}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(press, clients)) == [302] + [401] * 11


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_preview_uses_no_link_up(console, admin, method):
    """And its page tells no other site where it was."""
    where = added(admin, f"preview-{method.lower()}", roles="operator")
    link = link_in(post(admin, f"{where}invite/", page=where).text)
    for _time in range(3):
        answer = console.stranger().request(method, link)
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
    assert follow(console, link).get(ME).status_code == 200


def test_a_link_ends_with_its_hour_and_with_its_member(console, admin):
    """One that is too old, and one of somebody who was made inactive."""
    where = added(admin, "late", roles="operator")
    old = f"/login/{make_link(console.home, by='late', valid=-1)}/"
    fresh = link_in(post(admin, f"{where}invite/", page=where).text)
    post(admin, where, page=where, roles="operator")
    for link in (old, fresh, "/login/made-up/"):
        client = console.stranger()
        assert (post(client, link, page=link).status_code, client.get(ME).status_code) == (401, 401)


def test_what_admins_and_members_do_with_accounts_is_on_record_without_names_or_secrets(console, admin):
    """Links, roles, teams, tokens, webhooks, factors, passwords, changed addresses."""
    where = with_password(console, admin, "unique-qiu", email="first@shop.example")
    post(admin, "/settings/teams/", page="/settings/teams/", id="shop", title="Shop")
    post(admin, where, page=where, active="on", email="second@shop.example", **{"team:shop": "owner"})
    hook = post(admin, "/settings/webhooks/", page="/settings/webhooks/", url="https://hooks.example/s3cret")
    secret = re.search(r'id="secret">([^<]+)<', hook.text)[1]
    client, _answer = logged_in(console, "unique-qiu")
    factor = with_factor(client)
    made = post(client, f"{ME}token/", page=ME, title="CI", days="9", scopes="read").text
    token = re.search(r"unfelt_[\w-]{40,}", made)[0]
    about = {"invited", "membership", "member changed", "webhook added", "second factor", "token made"}
    assert about <= {kind for kind in about if entries(console, kind)}
    assert entries(console, "member changed")[-1]["address"] == "changed"
    said = chain(console)
    for never in ("unique-qiu", "@shop.example", secret, factor, token, "hooks.example/s3cret"):
        assert never not in said, never


def test_whoever_had_the_address_before_is_told_that_it_was_changed(console, admin, box):
    """An admin who puts in their own address is not silently somebody else's reset."""
    where = with_password(console, admin, "fang", email="fang@shop.example")
    post(admin, where, page=where, active="on", roles="operator", email="mallory@shop.example")
    assert was_told(box, "fang@shop.example", "An admin changed your address")


def test_a_command_opens_an_account_again_on_record(console, admin):
    """Its link lets in once."""
    with_password(console, admin, "wei")
    told = command(console, "--by", "wei", "--recover")
    assert told.returncode == 0, told.stderr
    assert follow(console, link_in(told.stdout)).get(ME).status_code == 200
    assert entries(console, "account opened")[-1]["person"] == "wei"


def command(console: Served, *options: str) -> subprocess.CompletedProcess:
    """`unfelt link`."""
    asking = [sys.executable, "-m", "unfelt", "--lang", "en", "link", "--home", str(console.home), *options]
    return subprocess.run(asking, check=False, capture_output=True, text=True, env=console.environment)
