"""Coming by a link that works once, and going."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from unfelt.engines.people.actions import add_member
from unfelt.records.business_time import business_now
from unfelt.records.models import Member
from unfelt.web.access.guarding import who
from unfelt.web.access.links import Link, use_link
from unfelt.web.access.throttle import TRIES, link_keys
from unfelt.web.accounts.recording import went
from unfelt.web.accounts.refusing import too_many, used_up
from unfelt.web.frame.shown import with_reader

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def login(request: HttpRequest, token: str) -> HttpResponse:
    """Opened by hand, not by a preview: the link is used up by the button on this page.

    Who has a second factor is asked for it, as after a password.
    """
    if request.method != "POST":
        return render(request, "login.html", with_reader(request, {"token": token}))
    keys = link_keys(request.META.get("REMOTE_ADDR", ""))
    if due := TRIES.take(keys):
        return too_many(request, due)
    link = use_link(settings.UNFELT_HOME, token)
    member = _member(link) if link is not None else None
    if link is None or member is None:
        return used_up(request)
    TRIES.forgive(keys)
    if request.user.is_authenticated:
        went(request)
    member.backend = BACKEND
    record_authentication(request, member, method=link.kind)
    answer: HttpResponse = perform_login(request, Login(user=member, redirect_url=link.to))
    return answer


def _member(link: Link) -> Member | None:
    """Whose link it is; who is not a member yet becomes one with the roles that the link names."""
    found = Member.objects.filter(name__iexact=link.by).first()
    if found is None and link.roles and link.kind == "invitation":
        found = add_member(link.by, by=link.by, at=business_now(), roles=link.roles)
    if found is None or not found.is_active:
        return None
    return found if link.kind == "recovery" or not has_credentials(found) else None


def has_credentials(member: Member) -> bool:
    """They can log in by themselves: an invitation is not for them."""
    return bool(
        member.has_usable_password()
        or SocialAccount.objects.filter(user=member).exists()
        or is_mfa_enabled(member)
    )


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """The session has ended: its cookie is worth nothing, here or anywhere."""
    if who(request):
        went(request)
    return redirect("work")
