"""Every page of the console."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from unfelt.web.console import api, assets, change_pages, events, pages, work_pages
from unfelt.web.console.members import logins
from unfelt.web.console.members import pages as members

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work_pages.work, name="work"),
    path("work/sign/", work_pages.sign_all, name="sign_all"),
    path("work/answered/<int:number>/", work_pages.answered, name="answered"),
    path("login/<str:token>/", logins.login, name="login"),
    path("logout/", logins.logout, name="logout"),
    path("language/", pages.choose_language, name="language"),
    path("live/", pages.board, name="board"),
    path("rollouts.csv", pages.export, name="export"),
    path("changes/", change_pages.changes, name="changes"),
    path("changes.csv", change_pages.export, name="changes_export"),
    path("changes/<str:name>/", change_pages.change, name="change"),
    path("changes/<str:name>/controls/<str:control_id>/", change_pages.control, name="control"),
    path("changes/<str:name>/controls/<str:control_id>/sign/", change_pages.sign, name="sign"),
    path("changes/<str:name>/controls/<str:control_id>/waive/", change_pages.waive, name="waive"),
    path("changes/<str:name>/controls/<str:control_id>/hand/", change_pages.hand, name="hand"),
    path("changes/<str:name>/waivers/<int:number>/", change_pages.agree, name="agree"),
    path("changes/<str:name>/comments/", change_pages.say, name="say"),
    path("programme/", change_pages.programme, name="programme"),
    path("programme.csv", change_pages.programme_export, name="programme_export"),
    path("static/<str:name>", assets.asset, name="asset"),
    path("events/", events.board, name="board_events"),
    path("rollouts/<str:rollout>/", pages.live, name="live"),
    path("rollouts/<str:rollout>/events/", events.live, name="events"),
    path("rollouts/<str:rollout>/back/", pages.back, name="back"),
    path("rollouts/<str:rollout>/confirm/", pages.confirm, name="confirm"),
    path("rollouts/<str:rollout>/pin/", pages.pin, name="pin"),
    path("rollouts/<str:rollout>/report/", pages.report, name="report"),
    path("rollouts/<str:rollout>/report.json", pages.report_json, name="report_json"),
    path("settings/members/", members.members, name="members"),
    path("settings/members.csv", members.members_export, name="members_export"),
    path("settings/members/<int:number>/", members.member, name="member"),
    path("settings/members/<int:number>/invite/", members.invite, name="invite"),
    path("settings/teams/", members.teams, name="teams"),
    path("settings/me/", members.me, name="me"),
    path("settings/me/deputy/", members.add_deputy, name="add_deputy"),
    path("settings/me/deputy/end/", members.end_deputy, name="end_deputy"),
    path("settings/me/token/", members.make_token, name="make_token"),
    path("settings/me/token/revoke/", members.revoke_token, name="revoke_token"),
    path("settings/me/leave/", members.leave_everywhere, name="leave_everywhere"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/closed/", logins.closed, name="account_signup"),
    path("accounts/inactive/", logins.closed, name="account_inactive"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/house/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("api/rollouts/", api.rollouts, name="api_rollouts"),
    path("api/rollouts/<str:rollout>/", api.rollout, name="api_rollout"),
    path("api/rollouts/<str:rollout>/back/", api.back, name="api_back"),
    path("api/rollouts/<str:rollout>/pins/", api.pins, name="api_pins"),
]

handler403 = "unfelt.web.console.pages.forbidden"
handler404 = "unfelt.web.console.pages.not_found"
handler500 = "unfelt.web.console.pages.failed"
