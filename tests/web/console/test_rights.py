"""Every address by every role, and what belongs to another team."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from serving import Served, post, served, write_paper

from unfelt.engines.people.rights import RIGHTS, ROLES

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {id: NAME, title: Split, owner: lin@shop.example, tier: normal, team: TEAM, facts: {personal_data: none}}
needs: [{id: peak, because: Checkout times out, source: none, shown_by: A test}]
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
"""
READ = {
    "/": "read",
    "/live/": "read",
    "/rollouts.csv": "read",
    "/changes/": "read",
    "/changes.csv": "read",
    "/changes/split/": "read",
    "/changes/split/controls/team.form/": "read",
    "/changes/split/plan/": "write",
    "/changes/split/reach/": "read",
    "/changes/split/readiness/": "read",
    "/changes/split/controls/": "read",
    "/changes/split/controls/?gate=go&kind=open&as=csv": "read",
    "/changes/split/review/": "read",
    "/changes/split/plan/versions/": "read",
    "/changes/split/report/": "read",
    "/new/": "write",
    "/new/yaml/": "write",
    "/new/from/service-release/": "write",
    "/board/": "read",
    "/calendar/": "read",
    "/models/": "read",
    "/requests/": "read",
    "/settings/webhooks/?as=csv": "admin",
    "/settings/teams/?as=csv": "admin",
    "/settings/sources/?as=csv": "read",
    "/models/?as=csv": "read",
    "/calendar/?month=2026-12&as=csv": "read",
    "/requests.csv": "read",
    "/risks/": "read",
    "/risks/?as=csv": "read",
    "/assurance/?as=csv": "read",
    "/settings/catalog/": "read",
    "/settings/playbook/": "read",
    "/settings/playbook/?as=csv": "read",
    "/settings/sources/": "read",
    "/assurance/": "read",
    "/assurance/?control=team.form": "read",
    "/reports/": "read",
    "/search/": "read",
    "/search/?q=split": "read",
    "/ledger/": "audit",
    "/ledger/1/": "audit",
    "/ledger.csv": "audit",
    "/programme/": "read",
    "/programme.csv": "read",
    "/events/": None,
    "/rollouts/paper-1/": "read",
    "/rollouts/paper-1/events/": None,
    "/rollouts/paper-1/report/": "read",
    "/rollouts/paper-1/report.json": "read",
    "/settings/members/": "admin",
    "/settings/members.csv": "admin",
    "/settings/members/1/": "admin",
    "/settings/teams/": "admin",
    "/settings/me/": "read",
    "/settings/webhooks/": "admin",
    "/settings/house/": "admin",
}
"""The right that an address asks for when it is read; None: a stream that does not end."""
WRITE = {
    "/rollouts/paper-1/back/": "back",
    "/rollouts/paper-1/confirm/": "move",
    "/rollouts/paper-1/pin/": "move",
    "/changes/split/controls/team.form/sign/": "sign",
    "/changes/split/controls/team.form/waive/": "waive",
    "/changes/split/controls/team.form/hand/": "assign",
    "/changes/split/controls/planning.requirements/evidence/": "sign",
    "/changes/split/controls/planning.requirements/probe/": "sign",
    "/changes/split/begin/": "move",
    "/changes/split/hand/": "assign",
    "/changes/split/waivers/1/": "read",
    "/changes/split/comments/": "comment",
    "/changes/split/plan/": "write",
    "/changes/split/clone/": "write",
    "/new/yaml/": "write",
    "/new/from/service-release/": "write",
    "/drafts/": "write",
    "/requests/": "comment",
    "/requests/1/decline/": "write",
    "/changes/split/lessons/": "comment",
    "/mine/actions/1/done/": "read",
    "/models/service-release/approve/": "waive",
    "/mine/approvals/1/": "waive",
    "/mine/sign/": "sign",
    "/mine/answered/1/": "read",
    "/settings/members/": "admin",
    "/settings/members/1/invite/": "admin",
    "/settings/members/1/recover/": "admin",
    "/settings/house/token/": "admin",
    "/settings/teams/": "admin",
    "/settings/me/deputy/": "read",
    "/settings/me/deputy/end/": "read",
    "/settings/me/token/": "read",
    "/settings/me/token/revoke/": "read",
    "/settings/me/telling/": "read",
    "/settings/webhooks/": "admin",
    "/settings/webhooks/end/": "admin",
    "/settings/house/": "admin",
    "/settings/house/mail/": "admin",
    "/settings/me/leave/": "read",
    "/settings/me/seen/": "read",
}
"""The same of what is sent."""
OPEN = ("login/", "logout/", "language/", "theme/", "worker.js", "static/", "accounts/", "^accounts/", "api/")
"""Addresses that ask for a login or a token themselves."""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over two changes of two teams, and a rollout of neither."""
    place = tmp_path_factory.mktemp("rights")
    home = place / "home"
    write_paper(home, "--ticks", "20")
    for name, team in (("split", "shop"), ("ledger", "bank")):
        plan = place / f"{name}.yaml"
        plan.write_text(PLAN.replace("NAME", name).replace("TEAM", team))
        command = [sys.executable, "-m", "unfelt", "assess", str(plan), "--home", str(home)]
        subprocess.run(command, check=False, capture_output=True, env={**os.environ, "UNFELT_LANG": "en"})
    with served(home) as running:
        yield running


def test_the_tables_name_every_address_of_the_console():
    """A new page has to say here who may open it."""
    source = "import re; from unfelt.conf.database import connect; from unfelt.web.console.site import *; "
    source += "from pathlib import Path; import tempfile; home = Path(tempfile.mkdtemp()); "
    source += "connect('sqlite:///:memory:', migrate=False, more=site_settings(home, host='x')); "
    source += "from unfelt.web.console.urls import urlpatterns; print(*(str(one.pattern) for one in urlpatterns))"
    said = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    known = {*READ, *WRITE}
    unnamed = [
        address
        for address in ["", *said.split()]
        if not address.startswith(OPEN)
        and not any(re.fullmatch(re.sub(r"<[^>]*>", "[^/]+", "/" + address), one) for one in known)
    ]
    assert unnamed == []


@pytest.mark.parametrize("role", ROLES)
def test_every_address_by_every_role(console: Served, role):
    """Those without the right are told who has it; the others are not refused."""
    client = console.known(by=f"one-{role}", roles=[role])
    wrong = {}
    for path, right in READ.items():
        if right is not None:
            status = client.get(path).status_code
            if (status == 403) == (role in RIGHTS[right]) or status >= 500:
                wrong[path] = status
    for path, right in WRITE.items():
        refused = post(client, path, page="/settings/me/").status_code
        may = role in RIGHTS[right] and (role == "owner" or not path.endswith("team.form/sign/"))
        if (refused == 403) == may or refused >= 500:
            wrong["POST " + path] = refused
    assert wrong == {}


@pytest.mark.parametrize("path", [*READ, *WRITE])
def test_nobody_unknown_opens_any_address(console: Served, path):
    """Reading or writing."""
    stranger = console.stranger()
    assert {stranger.get(path).status_code, stranger.post(path).status_code} == {401}


def test_another_teams_change_is_not_there(console: Served):
    """Not in a list, not at its address, not for signing; one's own is."""
    admin = console.known(by="root")
    for team in ("shop", "bank"):
        post(admin, "/settings/teams/", page="/settings/teams/", id=team, title=team)
    made = post(admin, "/settings/members/", page="/settings/members/", name="bo")
    where = made.headers["Location"]
    post(admin, where, page=where, active="on", **{"team:bank": "owner"})
    bo = console.known(by="bo")
    listed = bo.get("/changes/").text
    assert ("/changes/ledger/" in listed, "/changes/split/" in listed) == (True, False)
    assert "split" not in bo.get("/changes.csv").text
    assert [bo.get(f"/changes/{name}/").status_code for name in ("ledger", "split")] == [200, 404]
    sign = [f"/changes/{name}/controls/team.form/sign/" for name in ("ledger", "split")]
    assert [post(bo, path, page="/", answer="yes").status_code for path in sign] == [302, 404]
    said = [f"/changes/{name}/comments/" for name in ("ledger", "split")]
    assert [post(bo, path, page="/", text="Well?").status_code for path in said] == [302, 404]
    assert bo.get("/rollouts/paper-1/").status_code == 200  # A change of no team is everybody's.


def test_who_has_no_role_opens_nothing(console: Served):
    """But is told who can give one."""
    admin = console.known(by="root")
    post(admin, "/settings/members/", page="/settings/members/", name="guest")
    guest = console.known(by="guest", roles=())
    answer = guest.get("/changes/")
    assert (answer.status_code, "An admin gives roles" in answer.text) == (403, True)


def test_roles_that_are_taken_away_are_gone_at_once(console: Served):
    """In the very next request of a session that began with them."""
    admin, cai = console.known(by="root"), console.known(by="cai", roles=["owner"])
    assert cai.get("/changes/split/").status_code == 200
    number = re.search(r"/settings/members/(\d+)/\">cai<", admin.get("/settings/members/").text)[1]
    where = f"/settings/members/{number}/"
    assert post(admin, where, page=where, active="on").status_code == 302
    assert cai.get("/changes/split/").status_code == 403
    assert post(admin, where, page=where, roles="owner").status_code == 302
    assert cai.get("/changes/").status_code == 401
