"""Coming by a link that works once, and going."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from unfelt.conf.language import _
from unfelt.engines.ledger.actions import record
from unfelt.engines.people.actions import add_member
from unfelt.engines.people.reading import reader_of
from unfelt.records.models import Member
from unfelt.web.console.links import Link, use_link
from unfelt.web.console.members.reader import back_for
from unfelt.web.console.shown import with_reader

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def login(request: HttpRequest, token: str) -> HttpResponse:
    """Opened by hand, not by a preview: the link is used up by the button on this page."""
    if request.method != "POST":
        return render(request, "login.html", with_reader(request, {"token": token}))
    link = use_link(settings.UNFELT_HOME, token)
    member = _member(link) if link is not None else None
    if link is None or member is None:
        return render(request, "unknown.html", with_reader(request, {}), status=401)
    log_in(request, member, backend=BACKEND)
    return redirect(link.to)


def _member(link: Link) -> Member | None:
    """Whose link it is; who is not a member yet becomes one with the roles that the link names."""
    found = Member.objects.filter(name__iexact=link.by).first()
    if found is None and link.roles:
        found = add_member(link.by, by=link.by, at=datetime.now(UTC), roles=link.roles)
    return found if found is not None and found.is_active else None


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Nobody is known at this browser."""
    request.session.flush()
    return redirect("work")


def closed(request: HttpRequest) -> HttpResponse:
    """Who is no member cannot become one here, nor can who is not one any more."""
    text = _("Members are added by an admin: ask one for a link.")
    return render(request, "said.html", with_reader(request, {"said": text}), status=403)


@receiver(user_logged_in, dispatch_uid="unfelt")
def came(request: HttpRequest, user: Member, **_more: Any) -> None:  # noqa: ANN401
    """The session knows under which name they act and whom they may take back; that they came is on record."""
    now = datetime.now(UTC)
    request.session["who"] = user.name
    request.session["back"] = back_for(reader_of(user, now=now))
    record("came", {"by": user.name}, rollout=None, at=now)
