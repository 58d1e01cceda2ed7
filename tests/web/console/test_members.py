"""Members: coming by link or password, a second factor, deputies and tokens; and what cannot be."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from authenticator import code_for
from serving import Served, post, served

pytestmark = pytest.mark.slow

MEMBERS, ME = "/settings/members/", "/settings/me/"
WORD = "a long enough word 7"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console with nothing in it."""
    with served(tmp_path_factory.mktemp("members") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def admin(console: Served):
    """Somebody with every role."""
    return console.known(by="root")


def added(admin, name: str, **more) -> str:
    """A new member; returns the address of their page."""
    made = post(admin, MEMBERS, page=MEMBERS, name=name, **more)
    assert made.status_code == 302, made.text
    return made.headers["Location"]


def invited(console: Served, admin, where: str):
    """A browser of theirs, let in by the link that an admin was shown."""
    shown = post(admin, f"{where}invite/", page=where).text
    link = re.search(r"/login/[\w-]+/", shown)[0]
    client = console.stranger()
    assert post(client, link, page=link).headers["Location"] == ME
    return client


def test_who_is_invited_chooses_a_password_and_comes_back_with_it(console, admin):
    """By name or by address; a wrong word lets nobody in, and a link works once."""
    where = added(admin, "lin", email="lin@shop.example", roles="owner")
    lin = invited(console, admin, where)
    chosen = post(lin, "/accounts/password/set/", page="/accounts/password/set/", password1=WORD, password2=WORD)
    assert chosen.status_code == 302
    for name, word, status in (
        ("lin", "wrong word 12345", 200),
        ("lin", WORD, 302),
        ("lin@shop.example", WORD, 302),
    ):
        client = console.stranger()
        answer = post(client, "/accounts/login/", page="/accounts/login/", login=name, password=word)
        assert (answer.status_code, client.get(ME).status_code) == (status, 200 if status == 302 else 401)


def test_a_short_password_is_refused(console, admin):
    """Twelve characters are due."""
    lin = invited(console, admin, added(admin, "short", roles="owner"))
    where = "/accounts/password/set/"
    answer = post(lin, where, page=where, password1="short word", password2="short word")
    assert (answer.status_code, "12" in answer.text) == (200, True)


def test_nobody_signs_up_by_themselves(console):
    """The address that a library would offer says who adds members."""
    answer = console.stranger().get("/accounts/closed/")
    assert (answer.status_code, "Members are added by an admin" in answer.text) == (403, True)


def test_a_second_factor_is_asked_for_at_the_door(console, admin):
    """After the password; a code is needed, and one of an hour ago will not do."""
    client = invited(console, admin, added(admin, "guo", roles="operator"))
    post(client, "/accounts/password/set/", page="/accounts/password/set/", password1=WORD, password2=WORD)
    client = console.stranger()
    post(client, "/accounts/login/", page="/accounts/login/", login="guo", password=WORD)
    activate = "/accounts/2fa/totp/activate/"
    if client.get(activate).status_code == 302:
        post(client, "/accounts/reauthenticate/", page="/accounts/reauthenticate/", password=WORD)
    secret = re.search(r'value="([A-Z2-7]{16,})"', client.get(activate).text)[1]
    token = client.cookies["csrftoken"]
    typed = {"csrfmiddlewaretoken": token, "code": code_for(secret, time.time())}
    assert client.post(activate, data=typed).status_code == 302
    door = console.stranger()
    first = post(door, "/accounts/login/", page="/accounts/login/", login="guo", password=WORD)
    assert first.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert door.get("/").status_code == 401
    here = "/accounts/2fa/authenticate/"
    assert post(door, here, page=here, code=code_for(secret, time.time() - 3600)).status_code == 200
    assert post(door, here, page=here, code=code_for(secret, time.time() + 30)).status_code == 302
    assert door.get("/").status_code == 200
    assert "never for going back" in door.get(ME).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "root"}, "root is a member already."),
        ({"name": "Root"}, "Root is a member already."),
        ({"name": "a/b"}, "A name of 1 to 200 printable characters is due"),
        ({"name": "x", "email": "no address"}, "no address is not an address"),
        ({"name": "guard"}, "guard is a name that unfelt itself acts under"),
        ({"name": "x", "roles": "king"}, "There is no role king."),
    ],
)
def test_a_member_who_cannot_be_is_said_at_the_field(admin, typed, said):
    """And what was typed is still there."""
    answer = post(admin, MEMBERS, page=MEMBERS, **typed)
    assert (answer.status_code, said in answer.text) == (409, True)
    assert f'value="{typed["name"]}"' in answer.text


def test_the_last_admin_stays(console, admin):
    """Until there is another."""
    number = re.search(r"/settings/members/(\d+)/\">root<", admin.get(MEMBERS).text)[1]
    where = f"{MEMBERS}{number}/"
    answer = post(admin, where, page=where, active="on", roles="owner")
    assert (answer.status_code, "root is the last admin" in answer.text) == (409, True)
    assert admin.get(MEMBERS).status_code == 200


def test_a_deputy_holds_the_roles_for_the_days_that_are_named(console, admin):
    """And no longer than that; an admin's settings are nobody's to stand in for."""
    post(admin, "/settings/teams/", page="/settings/teams/", id="shop", title="Shop")
    where = added(admin, "wen")
    post(admin, where, page=where, active="on", **{"team:shop": "owner"})
    where = added(admin, "xia")
    wen, xia = console.known(by="wen"), console.known(by="xia")
    assert xia.get("/changes/").status_code == 403
    today = datetime.now(UTC).date()
    days = {"since": today.isoformat(), "until": today.isoformat()}
    nobody = post(wen, f"{ME}deputy/", page=ME, deputy="nobody", **days)
    assert (nobody.status_code, "There is no member nobody." in nobody.text) == (409, True)
    assert post(wen, f"{ME}deputy/", page=ME, deputy="xia", **days).status_code == 302
    assert xia.get("/changes/").status_code == 200
    number = re.search(r'name="number" value="(\d+)"', wen.get(ME).text)[1]
    post(wen, f"{ME}deputy/end/", page=ME, number=number)
    assert xia.get("/changes/").status_code == 403
    tomorrow = {key: (today + timedelta(days=2)).isoformat() for key in days}
    post(wen, f"{ME}deputy/", page=ME, deputy="xia", **tomorrow)
    assert xia.get("/changes/").status_code == 403


def test_a_token_is_shown_once_and_does_what_it_was_given(console, admin):
    """Until it is revoked; another member cannot revoke it."""
    shown = post(admin, f"{ME}token/", page=ME, title="CI", days="9", scopes="read")
    token = re.search(r"unfelt_[\w-]{40,}", shown.text)[0]
    assert token not in admin.get(ME).text
    client = console.stranger(Authorization=f"Bearer {token}")
    assert client.get("/api/rollouts/").status_code == 200
    assert client.post("/api/rollouts/paper-1/back/").status_code == 403
    number = re.search(r'name="number" value="(\d+)">Revoke', admin.get(ME).text)[1]
    other = console.known(by="other")
    post(other, f"{ME}token/revoke/", page=ME, number=number)
    assert client.get("/api/rollouts/").status_code == 200
    post(admin, f"{ME}token/revoke/", page=ME, number=number)
    assert client.get("/api/rollouts/").status_code == 401


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "", "days": "9", "scopes": "read"}, "Say what the token is for."),
        ({"title": "CI", "days": "0", "scopes": "read"}, "A token is valid for 1 to 366 days."),
        ({"title": "CI", "days": "9"}, "Choose what the token may do"),
        ({"title": "CI", "days": "9", "scopes": "king"}, "Choose what the token may do"),
        ({"title": "CI", "days": "32", "scopes": "admin"}, "valid for 1 to 31 days"),
    ],
)
def test_a_token_that_cannot_be_is_refused(admin, typed, said):
    """With the reason."""
    answer = post(admin, f"{ME}token/", page=ME, **typed)
    assert (answer.status_code, said in answer.text) == (409, True)


def test_what_the_roles_may_do_stands_beneath_the_members(admin):
    """Each right that is registered, with the roles that give it."""
    table = re.search(r'<table id="rights">(.*?)</table>', admin.get(MEMBERS).text, re.S)[1]
    rows = [re.sub(r"<[^>]*>", "|", row).strip("|").split("||") for row in re.findall(r"<tr>(.*?)</tr>", table)]
    assert ["move customers on", "operator"] in rows
    assert ["hand out work", "owner, change manager"] in rows


def test_leaving_everywhere_ends_every_other_session(console):
    """But the one that asked for it."""
    one, two = console.known(by="yan"), console.known(by="yan")
    assert post(one, f"{ME}leave/", page=ME).status_code == 302
    assert [client.get("/").status_code for client in (one, two)] == [200, 401]


def test_what_admins_do_is_on_record_and_names_nobody_in_the_chain(console, admin):
    """The chain holds tokens; the records still verify."""
    added(admin, "qiu-unique")
    command = [sys.executable, "-m", "unfelt", "verify", "--home", str(console.home)]
    verified = subprocess.run(command, check=False, capture_output=True, text=True, env=console.environment)
    assert (verified.returncode, "Every row is what was written." in verified.stdout) == (0, True)
    source = (
        "import sys; from unfelt.conf.database import connect, home_database; from pathlib import Path; "
        "from unfelt.conf.settings import settings; "
        "connect(settings().database or home_database(Path(sys.argv[1])), migrate=False); "
        "from unfelt.records.models import Entry; "
        "print([(one.kind, 'qiu' in one.body) for one in Entry.objects.filter(kind__startswith='member')][-1])"
    )
    asking = [sys.executable, "-c", source, str(console.home)]
    said = subprocess.run(asking, check=True, capture_output=True, text=True, env=console.environment).stdout
    assert said.strip() == "('member added', False)"


def test_a_key_that_is_gone_is_said_on_the_page_and_stops_nobody(console, admin):
    """What is done meanwhile is on record, and signed for once the key is back."""
    key = console.home / "keys" / "signing.pem"
    kept = key.read_bytes()
    assert "is not signed" not in admin.get("/ledger/").text
    key.unlink()
    try:
        added(admin, "unsigned")
        assert re.search(r'role="alert" id="unsigned">The ledger is not signed: .*', admin.get("/ledger/").text)
    finally:
        key.write_bytes(kept)
    added(admin, "signed")
    assert "is not signed" not in admin.get("/ledger/").text


def test_a_form_that_was_sent_without_a_login_is_handed_back(console):
    """Nothing typed is lost; one that another site sent is not repeated."""
    client = console.known(by="zoe")
    token = client.cookies["csrftoken"]
    client.cookies.delete("unfelt_session")
    fields = {"csrfmiddlewaretoken": token, "name": "Typed for <b>an hour</b>"}
    mine = client.post(MEMBERS, data=fields, headers={"Origin": console.base})
    assert (mine.status_code, "Typed for &lt;b&gt;an hour&lt;/b&gt;" in mine.text) == (401, True)
    assert "Send again" in mine.text
    foreign = client.post(MEMBERS, data=fields, headers={"Origin": "https://elsewhere.example"})
    assert (foreign.status_code, "an hour" in foreign.text) == (401, False)
