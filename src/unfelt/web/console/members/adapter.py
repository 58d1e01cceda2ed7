"""What django-allauth is told: nobody signs up by themselves; who was added comes by password or OIDC."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from requests import Session

from unfelt.adapters.http import allowed
from unfelt.adapters.requesting import checking_session


class Accounts(DefaultAccountAdapter):
    """Members are added by an admin."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False


class Houses(DefaultSocialAccountAdapter):
    """The house's own directory says who somebody is; whether they are a member, an admin does."""

    def is_open_for_signup(self, _request: HttpRequest, _login: object) -> bool:
        """Never: their address has to be a member's."""
        return False

    def get_requests_session(self) -> Session:
        """The directory is asked as everybody else outside is."""
        return checking_session(allowed())
