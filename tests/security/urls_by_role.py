"""Every address by every role and scope, written by hand: nothing here is taken from the code that it is held to.

Roles by letter: Requester, Owner, Change manager, oPerator, Approver, aUditor, aGent, Handler, aDmin.

where: `team`: of a change; the role is held in its team, and to others it is not there. `any`: the role may be
held in any team. `house`: the role is held everywhere, one in a team does not do.
"""

from typing import Any, NamedTuple

LETTERS = {
    "R": "requester",
    "O": "owner",
    "C": "change_manager",
    "P": "operator",
    "A": "approver",
    "U": "auditor",
    "G": "agent",
    "H": "handler",
    "D": "admin",
}
ALL = "ROCPAUGHD"


class Row(NamedTuple):
    """An address, who gets through, and, of the API, the scope that a token needs and what is sent."""

    method: str
    path: str
    roles: str
    where: str = "any"
    scope: str = ""
    body: Any = None


CONSOLE = (
    Row("get", "/", ALL),
    Row("post", "/mine/sign/", "ROCPAGH"),
    Row("post", "/mine/answered/9/", ALL),
    Row("get", "/live/", ALL),
    Row("get", "/rollouts.csv", ALL),
    Row("get", "/changes/", ALL),
    Row("get", "/changes.csv", ALL),
    Row("get", "/new/", "ROC"),
    Row("get", "/new/yaml/", "ROC"),
    Row("post", "/new/yaml/", "ROC"),
    Row("get", "/new/from/service-release/", "ROC"),
    Row("post", "/new/from/service-release/", "ROC"),
    Row("post", "/drafts/", "ROC"),
    Row("get", "/changes/CHANGE/", ALL, "team"),
    Row("get", "/changes/CHANGE/reach/", ALL, "team"),
    Row("get", "/changes/CHANGE/readiness/", ALL, "team"),
    Row("get", "/changes/CHANGE/controls/", ALL, "team"),
    Row("get", "/changes/CHANGE/controls/?as=csv", ALL, "team"),
    Row("post", "/changes/CHANGE/hand/", "OC", "team"),
    Row("get", "/changes/CHANGE/review/", ALL, "team"),
    Row("get", "/changes/CHANGE/plan/", "ROC", "team"),
    Row("post", "/changes/CHANGE/plan/", "ROC", "team"),
    Row("get", "/changes/CHANGE/plan/versions/", ALL, "team"),
    Row("post", "/changes/CHANGE/clone/", "ROC", "team"),
    Row("post", "/changes/CHANGE/tier/", "CA", "team"),
    Row("post", "/changes/CHANGE/begin/", "P", "team"),
    Row("get", "/changes/CHANGE/controls/cost.budget/", ALL, "team"),
    Row("post", "/changes/CHANGE/controls/team.form/sign/", "O", "team"),
    Row("post", "/changes/CHANGE/controls/time.schedule/sign/", "C", "team"),
    Row("post", "/changes/CHANGE/controls/compliance.assessment/sign/", "A", "team"),
    Row("post", "/changes/CHANGE/controls/team.form/waive/", "OCA", "team"),
    Row("post", "/changes/CHANGE/controls/team.form/hand/", "OC", "team"),
    Row("post", "/changes/CHANGE/controls/team.form/evidence/", "O", "team"),
    Row("post", "/changes/CHANGE/controls/planning.requirements/evidence/", "R", "team"),
    Row("post", "/changes/CHANGE/controls/testing.functional/evidence/", "P", "team"),
    Row("post", "/changes/CHANGE/controls/support.team/evidence/", "G", "team"),
    Row("post", "/changes/CHANGE/controls/compliance.checks/evidence/", "CP", "team"),
    Row("post", "/changes/CHANGE/controls/testing.monitoring/probe/", "P", "team"),
    Row("post", "/changes/CHANGE/waivers/9/", ALL, "team"),
    Row("post", "/changes/CHANGE/comments/", "ROCPAGHD", "team"),
    Row("post", "/changes/CHANGE/lessons/", "ROCPAGHD", "team"),
    Row("get", "/changes/CHANGE/report/", ALL, "team"),
    Row("get", "/programme/", ALL),
    Row("get", "/programme.csv", ALL),
    Row("get", "/board/", ALL),
    Row("get", "/calendar/", ALL),
    Row("get", "/models/", ALL),
    Row("post", "/models/service-release/approve/", "OCA", "house"),
    Row("post", "/mine/approvals/9/", "OCA", "house"),
    Row("post", "/mine/actions/9/done/", ALL),
    Row("get", "/requests/", ALL),
    Row("post", "/requests/", "ROCPAGHD"),
    Row("get", "/requests.csv", ALL),
    Row("post", "/requests/REQUEST/decline/", "ROC", "house"),
    Row("get", "/assurance/", ALL),
    Row("get", "/risks/", ALL),
    Row("get", "/settings/catalog/", ALL),
    Row("get", "/settings/playbook/", ALL),
    Row("get", "/settings/sources/", ALL),
    Row("get", "/settings/jobs/", ALL),
    Row("post", "/settings/jobs/9/cancel/", "D", "house"),
    Row("post", "/settings/jobs/9/run/", "D", "house"),
    Row("get", "/reports/", ALL),
    Row("get", "/ledger/", "CUD", "house"),
    Row("get", "/ledger.csv", "CUD", "house"),
    Row("get", "/ledger/1/", "CUD", "house"),
    Row("get", "/search/?q=split", ALL),
    Row("get", "/rollouts/ROLLOUT/", ALL, "team"),
    Row("post", "/rollouts/ROLLOUT/back/", "ROCPAGHD", "team"),
    Row("post", "/rollouts/ROLLOUT/confirm/", "P", "team"),
    Row("post", "/rollouts/ROLLOUT/pin/", "P", "team"),
    Row("get", "/rollouts/ROLLOUT/report/", ALL, "team"),
    Row("get", "/rollouts/ROLLOUT/report.json", ALL, "team"),
    Row("get", "/settings/members/", "D", "house"),
    Row("post", "/settings/members/", "D", "house"),
    Row("get", "/settings/members.csv", "D", "house"),
    Row("get", "/settings/members/999999/", "D", "house"),
    Row("post", "/settings/members/999999/", "D", "house"),
    Row("post", "/settings/members/999999/invite/", "D", "house"),
    Row("post", "/settings/members/999999/recover/", "D", "house"),
    Row("get", "/settings/teams/", "D", "house"),
    Row("post", "/settings/teams/", "D", "house"),
    Row("get", "/settings/house/", "D", "house"),
    Row("post", "/settings/house/", "D", "house"),
    Row("post", "/settings/house/mail/", "D", "house"),
    Row("post", "/settings/house/token/", "D", "house"),
    Row("get", "/settings/me/", ALL),
    Row("post", "/settings/me/deputy/", ALL),
    Row("post", "/settings/me/deputy/end/", ALL),
    Row("post", "/settings/me/token/", ALL),
    Row("post", "/settings/me/token/revoke/", ALL),
    Row("post", "/settings/me/telling/", ALL),
    Row("post", "/settings/me/seen/", ALL),
    Row("get", "/settings/webhooks/", "D", "house"),
    Row("post", "/settings/webhooks/", "D", "house"),
    Row("post", "/settings/webhooks/end/", "D", "house"),
)
STREAMS = ("/events/", "/rollouts/ROLLOUT/events/")
"""They do not end, and are tried by the tests of the console that runs."""
LEAVING = ("/settings/me/leave/",)
"""It ends every session of whoever asks, and is everybody's own."""
OPEN = ("/login/", "/logout/", "/language/", "/theme/", "/worker.js", "/static/", "/accounts/", "/api/")
"""Addresses that ask for a login or a token themselves."""

ROWS = ("form", {"kind": "rows"})
API = (
    Row("get", "/api/rollouts/", ALL, "any", "read"),
    Row("get", "/api/rollouts/ROLLOUT/", ALL, "team", "read"),
    Row("get", "/api/rollouts/ROLLOUT/report/", ALL, "team", "read"),
    Row("post", "/api/rollouts/ROLLOUT/back/", "ROCPAGHD", "team", "back"),
    Row("post", "/api/rollouts/ROLLOUT/confirm/", "P", "team", "move", {"proposal": 9}),
    Row("get", "/api/rollouts/ROLLOUT/pins/", ALL, "team", "read"),
    Row("post", "/api/rollouts/ROLLOUT/pins/", "P", "team", "move", {"pin": ["c-1"]}),
    Row("get", "/api/changes/", ALL, "any", "read"),
    Row("post", "/api/changes/", "ROC", "any", "write", {"text": "x: 1"}),
    Row("get", "/api/changes/CHANGE/", ALL, "team", "read"),
    Row("get", "/api/changes/CHANGE/plan/", ALL, "team", "read"),
    Row("put", "/api/changes/CHANGE/plan/", "ROC", "team", "write", {"text": "x: 1", "based_on": 1}),
    Row("post", "/api/changes/CHANGE/plan/look/", "ROC", "team", "write", {"text": "x: 1"}),
    Row("post", "/api/changes/CHANGE/begin/", "P", "team", "move"),
    Row("post", "/api/changes/CHANGE/tier/", "CA", "team", "waive"),
    Row("get", "/api/changes/CHANGE/controls/cost.budget/", ALL, "team", "read"),
    Row("post", "/api/changes/CHANGE/controls/team.form/sign/", "O", "team", "sign", {}),
    Row("post", "/api/changes/CHANGE/controls/time.schedule/sign/", "C", "team", "sign", {}),
    Row("post", "/api/changes/CHANGE/controls/team.form/evidence/", "O", "team", "sign", ROWS),
    Row(
        "post",
        "/api/changes/CHANGE/controls/support.team/evidence/",
        "G",
        "team",
        "sign",
        ROWS,
    ),
    Row("put", "/api/changes/CHANGE/controls/team.form/hand/", "OC", "team", "assign", {"to": ""}),
    Row("get", "/api/changes/CHANGE/comments/", ALL, "team", "read"),
    Row("post", "/api/changes/CHANGE/comments/", "ROCPAGHD", "team", "comment", {"text": "Well"}),
    Row("get", "/api/mine/", ALL, "any", "read"),
    Row("get", "/api/programme/", ALL, "any", "read"),
    Row("get", "/api/ledger/", "CUD", "house", "audit"),
    Row("get", "/api/members/", "D", "house", "admin"),
    Row("post", "/api/members/", "D", "house", "admin", {"name": "nobody-new"}),
    Row("get", "/api/teams/", "D", "house", "admin"),
    Row("post", "/api/teams/", "D", "house", "admin", {"id": "nobody-new"}),
    Row("put", "/api/teams/TEAM/members/nobody/", "D", "house", "admin", {"roles": []}),
    Row("get", "/api/requests/", ALL, "any", "read"),
    Row("post", "/api/requests/", "ROCPAGHD", "any", "comment", {"title": "A wish", "why": "It is slow"}),
    Row("post", "/api/requests/REQUEST/decline/", "ROC", "house", "write", {"reason": "No"}),
    Row("post", "/api/requests/REQUEST/planned/", "ROC", "team", "write", {"change": "CHANGE"}),
    Row("get", "/api/changes/CHANGE/lessons/", ALL, "team", "read"),
    Row("post", "/api/changes/CHANGE/lessons/", "ROCPAGHD", "team", "comment", {"text": "Look twice"}),
    Row("post", "/api/lessons/LESSON/done/", "ROCPAGHD", "team", "comment"),
    Row(
        *("post", "/api/changes/CHANGE/controls/team.form/waivers/", "OCA", "team", "waive"),
        {"reason": "later", "length": "3d", "agreed_by": "nobody"},
    ),
    Row("post", "/api/waivers/9999/", "OCA", "any", "waive", {"agrees": True}),
    Row("post", "/api/models/service-release/approval/", "OCA", "house", "waive", {"agreed_by": "nobody"}),
    Row("post", "/api/approvals/9999/", "OCA", "house", "waive", {"agrees": True}),
    Row("get", "/api/search/?q=split", ALL, "any", "read"),
    Row("get", "/api/risks/", ALL, "any", "read"),
    Row("get", "/api/areas/", ALL, "any", "read"),
    Row("get", "/api/models/", ALL, "any", "read"),
    Row("get", "/api/calendar/", ALL, "any", "read"),
    Row("get", "/api/jobs/", ALL, "any", "read"),
    Row("get", "/api/jobs/9/", ALL, "any", "read"),
    Row("post", "/api/jobs/9/cancel/", "D", "house", "admin"),
    Row("get", "/api/webhooks/", "D", "house", "admin"),
    Row("post", "/api/webhooks/", "D", "house", "admin", {"url": "https://hooks.example/x"}),
    Row("delete", "/api/webhooks/9999/", "D", "house", "admin"),
)
"""By a member's token: what an admin does is done in the console, and by no token of a member."""
