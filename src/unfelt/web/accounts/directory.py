"""The house's own directory (OpenID Connect): what it says is checked, and whom it says it is about is joined."""

import secrets
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from requests import Session

from unfelt.adapters.http import allowed
from unfelt.adapters.requesting import checking_session
from unfelt.records.models import Member
from unfelt.web.accounts.refusing import closed


class Checking(OpenIDConnectOAuth2Adapter):
    """What came with the code is the directory's word, about this login and nobody else."""

    state: dict[str, Any]
    """What this login began with."""

    def complete_login(
        self,
        request: HttpRequest,
        app: SocialApp,
        token: SocialToken,
        **kwargs: Any,  # noqa: ANN401
    ) -> SocialLogin:
        """Whom it is about; OAuth2Error where signature, issuer, audience, time, nonce or subject do not hold."""
        text = kwargs["response"].get("id_token")
        if not text:
            raise OAuth2Error("The directory sent no id_token.")
        said = self._decode_id_token(app, text)
        if not constant_time_compare(str(said.get("nonce", "")), str(self.state.get("nonce", "-"))):
            raise OAuth2Error("The id_token is not of this login: its nonce is another.")
        info = self._fetch_user_info(token.token)
        if info.get("sub") != said.get("sub"):
            raise OAuth2Error("The directory's userinfo is about somebody else than its id_token.")
        return self.get_provider().sociallogin_from_response(request, {"id_token": said, "userinfo": info})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        said: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=config["jwks_uri"],
            issuer=config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return said


class House(OpenIDConnectProvider):
    """The directory that UNFELT_OIDC_URL names."""

    oauth2_adapter_class = Checking

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Only a login is asked for, under a nonce; of the request only `next` and `prompt=login` count."""
        asked = super().get_redirect_from_request_kwargs(request)
        nonce = secrets.token_urlsafe(24)
        prompt = {"prompt": "login"} if request.GET.get("prompt") == "login" else {}
        return {
            **asked,
            "process": AuthProcess.LOGIN,
            "scope": self.get_scope(),
            "auth_params": {**self.get_auth_params(), **prompt, "nonce": nonce},
            "nonce": nonce,
        }


class Callback(OAuth2CallbackView):
    """Where the directory sends people back."""

    def _get_state(self, request: HttpRequest, provider: OpenIDConnectProvider) -> tuple[Any, Any]:
        state, response = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, response


class Houses(DefaultSocialAccountAdapter):
    """The house's own directory says who somebody is; whether they are a member, an admin does."""

    def is_open_for_signup(self, _request: HttpRequest, _login: object) -> bool:
        """Never: their address has to be a member's."""
        return False

    def get_requests_session(self) -> Session:
        """The directory is asked as everybody else outside is."""
        return checking_session(allowed())

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> House:
        """The one there is."""
        return House(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Who comes for the first time is joined to the member who has their address, if it is verified."""
        if sociallogin.is_existing:
            return
        member = member_for(sociallogin)
        if member is None:
            raise ImmediateHttpResponse(closed(request))
        sociallogin.connect(request, member)


def member_for(login: SocialLogin) -> Member | None:
    """Whose address the directory has verified; nobody whom it knows under another subject already."""
    verified = {one.email.lower() for one in login.email_addresses if one.verified}
    wanted = Q(pk__in=())
    for address in verified:
        wanted |= Q(email__iexact=address)
    found = [one for one in Member.objects.filter(wanted, is_active=True) if one.email.lower() in verified]
    if len(found) != 1 or SocialAccount.objects.filter(user=found[0], provider=login.account.provider).exists():
        return None
    member: Member = found[0]
    return member


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the directory, by a button."""
    return _view(OAuth2LoginView, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from it."""
    return _view(Callback, request, provider_id)


def _view(kind: Any, request: HttpRequest, provider_id: str) -> HttpResponse:  # noqa: ANN401
    try:
        answer: HttpResponse = kind.adapter_view(Checking(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
