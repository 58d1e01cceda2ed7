"""Every address of the site: the pages that engines list, and what stands before and beside them."""

from allauth.account import views as account
from allauth.socialaccount import views as house_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from unfelt.conf import plugins
from unfelt.rollout.pages import events
from unfelt.rollout.pages.live import back
from unfelt.web.accounts import directory, logins, proving, refusing
from unfelt.web.frame import assets, choices
from unfelt.web.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    *(page.url for page in plugins.registered("pages", "PAGES").values()),
    path("login/<str:token>/", logins.login, name="login"),
    path("logout/", logins.logout, name="logout"),
    path("language/", choices.choose_language, name="language"),
    path("theme/", choices.choose_theme, name="theme"),
    path("api/", api.urls),
    path("worker.js", assets.worker, name="worker"),
    path("static/<str:name>", assets.asset, name="asset"),
    path("events/", events.board, name="board_events"),
    path("rollouts/<str:rollout>/events/", events.live, name="events"),
    path("rollouts/<str:rollout>/back/", back, name="back"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", logins.logout, name="account_logout"),
    path("accounts/closed/", refusing.closed, name="account_signup"),
    path("accounts/inactive/", refusing.closed, name="account_inactive"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", proving.proven(account.password_set), name="account_set_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/house/login/cancelled/", house_views.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/house/login/error/", house_views.login_error, name="socialaccount_login_error"),
    path("accounts/house/signup/", refusing.closed, name="socialaccount_signup"),
    path("accounts/house/", refusing.closed, name="socialaccount_connections"),
    path("accounts/oidc/<str:provider_id>/login/", directory.login, name="openid_connect_login"),
    path("accounts/oidc/<str:provider_id>/login/callback/", directory.callback, name="openid_connect_callback"),
]

handler400 = "unfelt.web.frame.said.not_taken"
handler403 = "unfelt.web.frame.said.forbidden"
handler404 = "unfelt.web.frame.said.not_found"
handler429 = "unfelt.web.accounts.refusing.too_many"
handler500 = "unfelt.web.frame.said.failed"
