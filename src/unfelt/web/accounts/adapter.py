"""What django-allauth is told: nobody signs up by themselves; who was added comes by password, link or OIDC."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.forms import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from unfelt.conf.language import ngettext
from unfelt.web.access.throttle import TRIES, Keys, password_keys
from unfelt.web.accounts.failing import note_failure


class Accounts(DefaultAccountAdapter):
    """Members are added by an admin; passwords cannot be tried for long."""

    _keys: Keys

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """A page of this console, under the address at which it was asked."""
        return bool(url_has_allowed_host_and_scheme(url, {context.request.get_host()}))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """The try is counted before it is made; ValidationError where it is one too many for now."""
        self._keys = password_keys(_login(credentials), request.META.get("REMOTE_ADDR", ""))
        if due := TRIES.take(self._keys):
            raise too_often(due)

    def authentication_failed(self, _request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """Whose login it was is told."""
        note_failure(_login(credentials))

    def _rollback_login_failed_rl_usage(self) -> None:
        TRIES.forgive(self._keys)


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "")


def too_often(due: float) -> ValidationError:
    """Says how long to wait: the same whether there is such a member or not."""
    seconds = max(1, round(due))
    said = ngettext(
        "Too many failed tries from here. The next one is taken in {n} second.",
        "Too many failed tries from here. The next one is taken in {n} seconds.",
        seconds,
    )
    return ValidationError(said.format(n=seconds))


def address_of() -> str:
    """From where the request under way was sent."""
    return str(context.request.META.get("REMOTE_ADDR", ""))
