"""An account is opened again for who has lost how to log in."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from unfelt.conf.language import Message
from unfelt.engines.people.actions import note_account, recover
from unfelt.engines.people.entries import SECOND_FACTOR
from unfelt.records.models import Member
from unfelt.web.access.links import end_links
from unfelt.web.accounts.recording import end_all
from unfelt.web.accounts.warning import warn


def open_again(member: Member, *, by: str, at: datetime, ends_factor: bool) -> None:
    """Their password, tokens, links and sessions have ended; the second factor only where that is said.

    It is on record under who did it, and the member is told.
    """
    with transaction.atomic():
        recover(member, by=by, at=at, factor=ends_factor)
        if ends_factor:
            Authenticator.objects.filter(user=member).delete()
            note_account(SECOND_FACTOR, member, by=by, at=at, what="removed by another")
    end_all(member)
    end_links(settings.UNFELT_HOME, by=member.name)
    what = (
        Message("{name} opened your account again and ended your second factor.", name=by)
        if ends_factor
        else Message("{name} opened your account again: your password no longer works.", name=by)
    )
    warn(member, what)
