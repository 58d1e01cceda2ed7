"""Codes of a second factor: each is taken once, and they cannot be tried for long."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.forms import ValidationError

from unfelt.records.models import Member
from unfelt.web.access.throttle import TRIES, code_keys
from unfelt.web.accounts.adapter import address_of, too_often
from unfelt.web.accounts.failing import note_failure_of


class Asked(AuthenticateForm):
    """At the door."""

    def clean_code(self) -> str:
        """The code, which is used up by this."""
        return clean(self, super().clean_code)


class AskedAgain(ReauthenticateForm):
    """Before what is worth asking again for."""

    def clean_code(self) -> str:
        """The code, which is used up by this."""
        return clean(self, super().clean_code)


def clean(form: BaseAuthenticateForm, check: Any) -> str:  # noqa: ANN401
    """The code, if it is right, new, and not the last of too many."""
    keys = code_keys(form.user.pk, address_of())
    if due := TRIES.take(keys):
        raise too_often(due)
    try:
        code: str = check()
        if form.authenticator.type == Authenticator.Type.TOTP and not spend(form.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
    except ValidationError:
        note_failure_of(form.user.pk)
        raise
    TRIES.forgive(keys)
    return code


def spend(authenticator: Authenticator, code: str) -> bool:
    """The code of this step of time is used from here on; False where it, or a later one, was used before."""
    secret, typed = decrypt(authenticator.data["secret"]), "".join(code.split())
    steps = [at for at in yield_hotp_counters_from_time() if format_hotp_value(hotp_value(secret, at)) == typed]
    if not steps:
        return False
    rows = Member.objects.filter(pk=authenticator.user_id, code_step__lt=max(steps))
    return bool(rows.update(code_step=max(steps)))
