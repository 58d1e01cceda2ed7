"""Sessions end at the server: by logging out, another password, another's act, time; and are nobody else's."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator

import httpx
import pytest
from accounting import ME, MEMBERS, SET, WORD, added, age, entries, logged_in, with_password
from serving import Served, post, served, write_paper

from unfelt.web.access.sessions import LONGEST, has_ended

pytestmark = pytest.mark.slow

COOKIE = "unfelt_session"
BACK = "/rollouts/paper-1/back/"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console with a rollout on paper; a proxy on the loopback is trusted."""
    home = tmp_path_factory.mktemp("sessions") / "home"
    write_paper(home, "--ticks", "5")
    with served(home, environment={"UNFELT_PROXY": "127.0.0.1", "UNFELT_SESSION_IDLE": "30m"}) as running:
        yield running


@pytest.fixture(scope="module")
def admin(console: Served) -> httpx.Client:
    """Somebody with every role."""
    return console.known(by="root")


def replayed(console: Served, session: str) -> httpx.Client:
    """Another browser with that cookie, and a token against forgery of its own."""
    client = console.stranger()
    client.get("/accounts/login/")
    client.cookies.set(COOKIE, session, domain="127.0.0.1")
    return client


def takes_back(client: httpx.Client) -> int:
    """What Back answers there."""
    return client.post(BACK, data={"csrfmiddlewaretoken": client.cookies["csrftoken"]}).status_code


@pytest.mark.parametrize("leaving", ["/logout/", "/accounts/logout/"])
def test_a_cookie_that_is_replayed_after_logout_is_nobodys(console, leaving):
    """For pages, tokens and Back alike; and that somebody left is on record."""
    lin = console.known(by="lin")
    session = lin.cookies[COOKIE]
    post(lin, leaving, page=ME)
    thief = replayed(console, session)
    assert (thief.get(ME).status_code, takes_back(thief)) == (401, 401)
    fields = {"csrfmiddlewaretoken": thief.cookies["csrftoken"], "title": "x", "days": "300", "scopes": "read"}
    assert thief.post(f"{ME}token/", data=fields).status_code == 401
    assert entries(console, "left")[-1] == {"by": "lin"}


def test_a_session_that_somebody_planted_is_not_the_one_after_the_login(console):
    """Neither one that is unknown, nor one of a stranger, nor one of another member."""
    stranger, other = console.stranger(), console.known(by="other")
    stranger.get("/accounts/password/reset/")
    for planted in ("a" * 32, "../../etc/passwd", other.cookies[COOKIE]):
        victim = replayed(console, planted)
        link = console.link(by="zoe").removeprefix(console.base)
        post(victim, link, page=link)
        assert victim.get(ME).status_code == 200
        assert replayed(console, planted).get(ME).status_code == 401
        assert [one for one in victim.cookies.jar if one.name == COOKIE][-1].value != planted


def test_another_password_ends_every_other_session(console, admin):
    """Back included; the one in which it was changed goes on under another key."""
    with_password(console, admin, "guo")
    one, two = logged_in(console, "guo")[0], logged_in(console, "guo")[0]
    before = two.cookies[COOKIE]
    change = "/accounts/password/change/"
    other = "another long word 8"
    assert post(one, change, page=change, oldpassword=WORD, password1=other, password2=other).status_code == 302
    assert (one.get(ME).status_code, two.get(ME).status_code) == (200, 401)
    assert takes_back(replayed(console, before)) == 401
    assert ("guo", "form") in [(said["person"], said["way"]) for said in entries(console, "password changed")]


def test_logging_out_everywhere_ends_the_others_for_back_too(console):
    """And says that tokens are not meant."""
    one, two = console.known(by="yan"), console.known(by="yan")
    session = two.cookies[COOKIE]
    assert post(one, f"{ME}leave/", page=ME).status_code == 302
    assert (one.get(ME).status_code, takes_back(replayed(console, session))) == (200, 401)
    assert "not tokens" in one.get(ME).text


def test_who_is_made_inactive_takes_nobody_back(console, admin):
    """Though going back asks no database."""
    where = added(admin, "gone", roles="operator")
    client = console.known(by="gone")
    session = client.cookies[COOKIE]
    post(admin, where, page=where, roles="operator")
    assert takes_back(replayed(console, session)) == 401


def test_whom_somebody_may_take_back_follows_their_roles_at_once(console, admin):
    """In sessions that are open already; and the session has another key after that."""
    where = added(admin, "chen", roles="operator")
    client = console.known(by="chen")
    before = client.cookies[COOKIE]
    post(admin, where, page=where, active="on", roles="auditor")
    assert client.post(BACK, data={"csrfmiddlewaretoken": client.cookies["csrftoken"]}).status_code == 403
    assert client.get(ME).status_code == 200
    assert (client.cookies[COOKIE] != before, replayed(console, before).get(ME).status_code) == (True, 401)


def test_back_works_with_the_records_locked_and_only_for_who_is_there(console):
    """The files say who is there."""
    if "UNFELT_DATABASE" in console.environment:
        return  # There the lock is another process's transaction: see tests/rollout.
    lin, gone = console.known(by="lin"), console.known(by="lin")
    session = gone.cookies[COOKIE]
    post(gone, "/logout/", page=ME)
    with sqlite3.connect(console.home / "records.db", isolation_level=None) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        assert takes_back(lin) in (200, 409)  # On paper there is no router.
        assert takes_back(replayed(console, session)) == 401
        lock.execute("ROLLBACK")


def files(console: Served) -> list:
    """Those of sessions."""
    return sorted((console.home / "keys" / "sessions").iterdir(), key=lambda path: path.stat().st_mtime)


def test_a_session_that_is_not_used_ends(console):
    """After the time that the installation sets; a page that only follows a rollout is not use."""
    client = console.known(by="idle")
    newest = files(console)[-1]
    old = time.time() - 29 * 60
    os.utime(newest, (old, old))
    with client.stream("GET", "/events/"):
        assert newest.stat().st_mtime == pytest.approx(old, abs=1)
    assert client.get(ME).status_code == 200
    assert newest.stat().st_mtime > old + 60
    gone = time.time() - 31 * 60
    os.utime(newest, (gone, gone))
    assert (takes_back(client), client.get(ME).status_code) == (401, 401)


def test_a_session_ends_however_much_it_is_used():
    """Twelve hours after the login."""
    said = {"began": 0.0, "_auth_user_id": "1"}
    ends = [has_ended(said, used=now, now=now, idle=1800.0) for now in (LONGEST - 1, LONGEST + 1)]
    assert ends == [False, True]


def test_files_of_sessions_are_their_owners_alone_and_hold_no_cookie(console):
    """What can be read there is not what a browser sends."""
    client = console.known(by="lin")
    assert {oct(path.stat().st_mode)[-3:] for path in files(console)} == {"600"}
    assert not any(client.cookies[COOKIE] in path.name for path in files(console))


@pytest.mark.parametrize("way", ["token", "member", "deputy", "webhook", "team", "password"])
def test_what_gives_rights_asks_again_who_it_is(console, admin, way):
    """A session that was opened a while ago is not enough, and what was typed waits for the password."""
    name = f"old-{way}"
    with_password(console, admin, name, roles="admin")
    client, _answer = logged_in(console, name)
    age(console, name, 3600)
    page, form = {
        "token": (f"{ME}token/", {"title": "CI", "days": "9", "scopes": "read"}),
        "member": (MEMBERS, {"name": f"by-{name}"}),
        "deputy": (f"{ME}deputy/", {"deputy": "lin", "since": "2030-01-01", "until": "2030-01-02"}),
        "webhook": ("/settings/webhooks/", {"url": "https://hooks.example/a"}),
        "team": ("/settings/teams/", {"id": f"t-{way}", "title": "T"}),
        "password": (SET, {"password1": "another long word 8", "password2": "another long word 8"}),
    }[way]
    asked = post(client, page, page=ME, **form)
    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (302, "/accounts/reauthenticate/")
    before = client.cookies[COOKIE]
    where = asked.headers["Location"]
    wrong = client.post(
        where, data={"csrfmiddlewaretoken": client.cookies["csrftoken"], "password": "wrong word 123"}
    )
    assert wrong.status_code == 200
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "password": WORD, "next": page}
    done = client.post(where, data=fields)
    assert done.status_code in (200, 302), done.text
    assert ("unfelt_" in done.text) == (way == "token")
    assert client.cookies[COOKIE] != before


def test_cookies_are_for_https_alone_where_a_trusted_proxy_says_https(console):
    """Each of them; over plain HTTP, and where nobody trusted says so, they come without."""
    secure = console.stranger(**{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"})
    plain = console.stranger()
    link = console.link(by="lin").removeprefix(console.base)
    for client, expected in ((secure, True), (plain, False)):
        shown = client.get(link)
        said = shown.headers.get_list("set-cookie")
        assert said
        assert {"; Secure" in one for one in said} == {expected}
    token = plain.get("/accounts/login/").cookies.get("csrftoken") or plain.cookies["csrftoken"]
    headers = {
        "X-Forwarded-Proto": "https",
        "Origin": console.base.replace("http:", "https:"),
        "Cookie": f"csrftoken={token}",
    }
    came = httpx.post(f"{console.base}{link}", data={"csrfmiddlewaretoken": token}, headers=headers)
    (session,) = [one for one in came.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    assert all(word in session for word in ("; Secure", "; HttpOnly", "SameSite=Lax"))


def test_a_page_that_follows_a_rollout_ends_with_its_session(console):
    """Nothing more is sent to a browser whose session has ended."""
    client = console.known(by="watcher")
    session = client.cookies[COOKIE]
    with client.stream("GET", "/rollouts/paper-1/events/", timeout=40) as stream:
        lines = stream.iter_lines()
        assert next(lines)
        post(replayed(console, session), "/logout/", page=ME)
        end = time.monotonic() + 30
        for _line in lines:
            assert time.monotonic() < end, "it goes on"
    assert json.dumps(entries(console, "left")[-1]) == '{"by": "watcher"}'
