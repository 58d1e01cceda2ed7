"""Every page of the console."""

from django.urls import path

from unfelt.web.console import api, assets, change_pages, events, pages

urlpatterns = [
    path("", pages.board, name="board"),
    path("login/<str:token>/", pages.login, name="login"),
    path("logout/", pages.logout, name="logout"),
    path("language/", pages.choose_language, name="language"),
    path("rollouts.csv", pages.export, name="export"),
    path("changes/", change_pages.changes, name="changes"),
    path("programme/", change_pages.programme, name="programme"),
    path("programme.csv", change_pages.programme_export, name="programme_export"),
    path("changes.csv", change_pages.export, name="changes_export"),
    path("changes/<str:name>/", change_pages.change, name="change"),
    path("changes/<str:name>/controls/<str:control_id>/", change_pages.control, name="control"),
    path("changes/<str:name>/controls/<str:control_id>/sign/", change_pages.sign, name="sign"),
    path("changes/<str:name>/controls/<str:control_id>/waive/", change_pages.waive, name="waive"),
    path("static/<str:name>", assets.asset, name="asset"),
    path("events/", events.board, name="board_events"),
    path("rollouts/<str:rollout>/", pages.live, name="live"),
    path("rollouts/<str:rollout>/events/", events.live, name="events"),
    path("rollouts/<str:rollout>/back/", pages.back, name="back"),
    path("rollouts/<str:rollout>/confirm/", pages.confirm, name="confirm"),
    path("rollouts/<str:rollout>/pin/", pages.pin, name="pin"),
    path("rollouts/<str:rollout>/report/", pages.report, name="report"),
    path("rollouts/<str:rollout>/report.json", pages.report_json, name="report_json"),
    path("api/rollouts/", api.rollouts, name="api_rollouts"),
    path("api/rollouts/<str:rollout>/", api.rollout, name="api_rollout"),
    path("api/rollouts/<str:rollout>/back/", api.back, name="api_back"),
    path("api/rollouts/<str:rollout>/pins/", api.pins, name="api_pins"),
]

handler404 = "unfelt.web.console.pages.not_found"
handler500 = "unfelt.web.console.pages.failed"
