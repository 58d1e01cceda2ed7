"""What django-allauth is told: nobody signs up by themselves; who was added comes by password or OIDC."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


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
