"""What becomes of accounts is on record, ends what has to end, and is told to whose they are."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.signals import social_account_added
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_logged_in
from django.db import Error
from django.dispatch import receiver
from django.http import HttpRequest

from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import record
from unfelt.engines.people import entries
from unfelt.engines.people.actions import end_sessions as on_record
from unfelt.engines.people.actions import note_account
from unfelt.engines.people.reading import reader_of
from unfelt.records.business_time import business_now
from unfelt.records.models import Member
from unfelt.web.access import sessions
from unfelt.web.access.clock import now_of
from unfelt.web.access.guarding import who
from unfelt.web.access.reader import back_for
from unfelt.web.accounts.codes import spend
from unfelt.web.accounts.warning import warn

WAYS = {"password": "password", "socialaccount": "directory", "invitation": "invitation", "recovery": "recovery"}


@receiver(user_logged_in, dispatch_uid="unfelt came")
def came(request: HttpRequest, user: Member, **_more: Any) -> None:  # noqa: ANN401
    """The session knows who they are and whom they may take back; that they came, and how, is on record."""
    now = now_of(request)
    request.session["who"] = user.name
    request.session["back"] = back_for(reader_of(user, now=now))
    request.session[sessions.BEGAN] = now.timestamp()
    ways = [WAYS[one["method"]] for one in get_authentication_records(request, user) if one.get("method") in WAYS]
    record(entries.LOGGED_IN, {"by": user.name, "way": ways[-1] if ways else "password"}, rollout=None, at=now)
    sessions.clear_ended()


def went(request: HttpRequest) -> None:
    """The session has ended, whether or not the records can say so."""
    name = who(request)
    request.session.flush()
    try:
        record(entries.LOGGED_OUT, {"by": name}, rollout=None, at=now_of(request))
    except Error:
        return  # It has ended all the same.


def end_others(request: HttpRequest, member: Member) -> None:
    """Every session of theirs but this one has ended; this one has another key."""
    on_record(member, by=member.name, at=now_of(request))
    sessions.end_sessions(member.pk, but=request.session.session_key)
    update_session_auth_hash(request, member)


def end_all(member: Member) -> None:
    """Every session of theirs has ended: they were made inactive, or their account is opened anew."""
    sessions.end_sessions(member.pk)


def rights_changed(member: Member) -> None:
    """Whom they may take back is known to their sessions at once; each gets another key."""
    back = back_for(reader_of(member, now=datetime.now(UTC)))
    sessions.change_sessions(member.pk, lambda said: said.update(back=back) if "back" in said else None)


@receiver(authentication_step_completed, dispatch_uid="unfelt proved")
def proved(request: HttpRequest, reauthenticated: bool = False, **_more: Any) -> None:  # noqa: ANN401
    """A session that is trusted more from here on has another key."""
    if reauthenticated:
        request.session.cycle_key()


@receiver(password_changed, dispatch_uid="unfelt password changed")
@receiver(password_set, dispatch_uid="unfelt password set")
def password(request: HttpRequest, user: Member, **_more: Any) -> None:  # noqa: ANN401
    """Another password ends every other session."""
    note_account(entries.PASSWORD_CHANGED, user, by=user.name, at=now_of(request), way="form")
    end_others(request, user)
    warn(user, Message("Your password was changed."))


@receiver(password_reset, dispatch_uid="unfelt password reset")
def reset(user: Member, **_more: Any) -> None:  # noqa: ANN401
    """One that was chosen by a mail ends all of them."""
    now = business_now()
    note_account(entries.PASSWORD_CHANGED, user, by=user.name, at=now, way="mail")
    on_record(user, by=user.name, at=now)
    end_all(user)
    warn(user, Message("Your password was changed."))


@receiver(authenticator_added, dispatch_uid="unfelt factor added")
def factor_added(request: HttpRequest, user: Member, authenticator: Authenticator, **_more: Any) -> None:  # noqa: ANN401
    """The code that it began with is used up by that."""
    if authenticator.type == Authenticator.Type.TOTP:
        spend(authenticator, request.POST.get("code", ""))
        _factor(request, user, "added")


@receiver(authenticator_removed, dispatch_uid="unfelt factor removed")
def factor_removed(request: HttpRequest, user: Member, authenticator: Authenticator, **_more: Any) -> None:  # noqa: ANN401
    """There is none any more."""
    if authenticator.type == Authenticator.Type.TOTP:
        _factor(request, user, "removed")


@receiver(authenticator_reset, dispatch_uid="unfelt factor reset")
def codes_made(request: HttpRequest, user: Member, **_more: Any) -> None:  # noqa: ANN401
    """There are other recovery codes than before."""
    _factor(request, user, "recovery codes made")


def _factor(request: HttpRequest, user: Member, what: str) -> None:
    note_account(entries.SECOND_FACTOR, user, by=user.name, at=now_of(request), what=what)
    end_others(request, user)
    warn(user, Message("Your second factor was changed."))


@receiver(social_account_added, dispatch_uid="unfelt joined")
def joined(sociallogin: Any, **_more: Any) -> None:  # noqa: ANN401
    """They come by the directory from here on."""
    member = sociallogin.user
    note_account(entries.DIRECTORY_JOINED, member, by=member.name, at=business_now())
    warn(member, Message("You can log in by the directory of the house from here on."))
