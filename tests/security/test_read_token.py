"""The token of the installation reads and takes back; it does nothing else, and can be ended."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from accounting import entries
from serving import Served, post, served, write_paper

pytestmark = pytest.mark.slow

READS = {
    "/api/rollouts/": 200,
    "/api/changes/": 200,
    "/api/programme/": 200,
    "/api/models/": 200,
    "/api/risks/": 200,
    "/api/areas/": 200,
    "/api/calendar/": 200,
    "/api/requests/": 200,
}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console with a rollout on paper."""
    home = tmp_path_factory.mktemp("token") / "home"
    write_paper(home, "--ticks", "5")
    with served(home) as running:
        yield running


def operations(console: Served) -> list[tuple[str, str]]:
    """Every operation of the API by method and address, as its own description has it."""
    described = console.known().get("/api/openapi.json").json()["paths"]
    values = {"rollout": "paper-1", "number": "1", "name": "paper", "team": "t", "member": "ann"}
    found = []
    for path, methods in described.items():
        filled = path
        for one in [part[1:].split("}")[0] for part in path.split("/") if part.startswith("{")]:
            filled = filled.replace("{" + one + "}", values.get(one, "x"))
        found += [(method.upper(), filled) for method in methods]
    return found


def test_no_operation_that_changes_anything_takes_it_but_back(console):
    """Whatever is sent: 403, or what an unfinished body gets; nothing is added to the ledger."""
    machine = console.stranger(Authorization=f"Bearer {console.token}")
    writes = [(method, path) for method, path in operations(console) if method != "GET"]
    assert len(writes) >= 20
    before = len(entries(console, *KINDS))
    for method, path in writes:
        if path.endswith("/back/"):
            continue
        for body in ({}, BODY):
            answer = machine.request(method, path, json=body)
            assert answer.status_code in (403, 404, 422), (method, path, answer.status_code, answer.text)
    assert len(entries(console, *KINDS)) == before


KINDS = ("member added", "team added", "membership", "webhook added", "evidence", "planned", "waiver", "commented")
BODY = {
    "name": "mallory",
    "roles": ["admin"],
    "id": "x",
    "title": "T",
    "why": "W",
    "text": "Hello",
    "url": "https://x.example/",
    "kinds": [],
    "agrees": True,
    "reason": "R",
    "to": "ann",
    "proposal": 1,
    "pin": ["a"],
    "agreed_by": "ann",
}


def test_no_page_knows_it(console):
    """It is for the API: each page, and each form, takes it for a stranger's."""
    machine = console.stranger(Authorization=f"Bearer {console.token}")
    machine.get("/accounts/login/")
    token = machine.cookies["csrftoken"]
    for page in ("/", "/live/", "/ledger/", "/settings/me/", "/settings/members/", "/rollouts/paper-1/"):
        assert machine.get(page).status_code == 401
    for form in (
        "/settings/members/",
        "/settings/me/token/",
        "/rollouts/paper-1/confirm/",
        "/rollouts/paper-1/back/",
    ):
        assert machine.post(form, data={"csrfmiddlewaretoken": token}).status_code == 401


def test_it_reads_what_changes_and_rollouts_are(console):
    """But not members, teams, webhooks or the ledger."""
    machine = console.stranger(Authorization=f"Bearer {console.token}")
    assert {path: machine.get(path).status_code for path in READS} == READS
    for path in ("/api/members/", "/api/teams/", "/api/webhooks/", "/api/ledger/"):
        assert machine.get(path).status_code == 403


def test_it_is_shown_with_its_last_use_renewed_and_revoked_on_record(console):
    """By page and by command; revoked it stays so when the console begins again."""
    old = console.token
    machine = console.stranger(Authorization=f"Bearer {old}")
    admin = console.known(by="root")
    machine.get("/api/rollouts/")
    page = "/settings/house/"
    shown = admin.get(page).text
    assert ("last used 20" in shown, old in shown) == (True, False)
    assert post(admin, f"{page}token/", page=page, what="renew").status_code == 302
    assert (machine.get("/api/rollouts/").status_code, console.token != old) == (401, True)
    renewed = console.stranger(Authorization=f"Bearer {console.token}")
    assert renewed.get("/api/rollouts/").status_code == 200
    assert command(console, "revoke").returncode == 0
    assert (renewed.get("/api/rollouts/").status_code, console.token) == (401, "")
    assert console.stranger(Authorization="Bearer").get("/api/rollouts/").status_code == 401
    with served(console.home) as again:
        assert again.token == ""
        assert "There is none." in command(console, "show").stdout
        assert command(console, "renew").returncode == 0
        assert console.stranger(Authorization=f"Bearer {console.token}").get("/api/rollouts/").status_code == 200
    assert [one["what"] for one in entries(console, "machine token")] == ["renewed", "revoked", "renewed"]


def command(console: Served, what: str) -> subprocess.CompletedProcess:
    """`unfelt token`."""
    asking = [sys.executable, "-m", "unfelt", "--lang", "en", "token", what, "--home", str(console.home)]
    return subprocess.run(asking, check=False, capture_output=True, text=True, env=console.environment)
