"""What nobody unknown opens, and what belongs to another team; each role at each address: tests/security."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from serving import Served, post, served, write_paper

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {id: NAME, title: Split, owner: lin@shop.example, tier: normal, team: TEAM, facts: {personal_data: none}}
needs: [{id: peak, because: Checkout times out, source: none, shown_by: A test}]
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
"""
ADDRESSES = (
    "/",
    "/live/",
    "/rollouts.csv",
    "/changes/",
    "/changes.csv",
    "/changes/split/",
    "/changes/split/controls/team.form/",
    "/changes/split/plan/",
    "/changes/split/reach/",
    "/changes/split/readiness/",
    "/changes/split/controls/",
    "/changes/split/controls/?gate=go&kind=open&as=csv",
    "/changes/split/review/",
    "/changes/split/plan/versions/",
    "/changes/split/report/",
    "/changes/split/report/sent/",
    "/new/",
    "/new/yaml/",
    "/new/from/service-release/",
    "/board/",
    "/calendar/",
    "/models/",
    "/requests/",
    "/settings/webhooks/?as=csv",
    "/settings/teams/?as=csv",
    "/settings/sources/?as=csv",
    "/models/?as=csv",
    "/calendar/?month=2026-12&as=csv",
    "/requests.csv",
    "/risks/",
    "/risks/?as=csv",
    "/assurance/?as=csv",
    "/settings/catalog/",
    "/settings/playbook/",
    "/settings/playbook/?as=csv",
    "/settings/sources/",
    "/assurance/",
    "/assurance/?control=team.form",
    "/reports/",
    "/search/",
    "/search/?q=split",
    "/ledger/",
    "/ledger/1/",
    "/ledger.csv",
    "/programme/",
    "/programme.csv",
    "/events/",
    "/rollouts/paper-1/",
    "/rollouts/paper-1/events/",
    "/rollouts/paper-1/report/",
    "/rollouts/paper-1/report.json",
    "/settings/members/",
    "/settings/members.csv",
    "/settings/members/1/",
    "/settings/teams/",
    "/settings/me/",
    "/settings/webhooks/",
    "/settings/house/",
    "/rollouts/paper-1/back/",
    "/rollouts/paper-1/confirm/",
    "/rollouts/paper-1/pin/",
    "/changes/split/controls/team.form/sign/",
    "/changes/split/controls/team.form/waive/",
    "/changes/split/controls/team.form/hand/",
    "/changes/split/controls/planning.requirements/evidence/",
    "/changes/split/controls/planning.requirements/probe/",
    "/changes/split/begin/",
    "/changes/split/hand/",
    "/changes/split/waivers/1/",
    "/changes/split/comments/",
    "/changes/split/plan/",
    "/changes/split/clone/",
    "/new/yaml/",
    "/new/from/service-release/",
    "/drafts/",
    "/requests/",
    "/requests/1/decline/",
    "/changes/split/lessons/",
    "/mine/actions/1/done/",
    "/models/service-release/approve/",
    "/mine/approvals/1/",
    "/mine/sign/",
    "/mine/answered/1/",
    "/settings/members/",
    "/settings/members/1/invite/",
    "/settings/members/1/recover/",
    "/settings/house/token/",
    "/settings/teams/",
    "/settings/me/deputy/",
    "/settings/me/deputy/end/",
    "/settings/me/token/",
    "/settings/me/token/revoke/",
    "/settings/me/telling/",
    "/settings/webhooks/",
    "/settings/webhooks/end/",
    "/settings/house/",
    "/settings/house/mail/",
    "/settings/me/leave/",
    "/settings/me/seen/",
)
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


@pytest.mark.parametrize("path", ADDRESSES)
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
