"""Pages that say what went wrong, and what to do."""

import json
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message, _
from unfelt.engines.people.access import NoRightError
from unfelt.engines.people.phrases import role_name
from unfelt.web.access.guarding import again
from unfelt.web.frame.failing import AWAY, note_failure
from unfelt.web.frame.shown import with_reader, without_records


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page or rollout."""
    text = _("There is nothing at this address, or it is not yours to see.")
    return render(request, "said.html", with_reader(request, {"said": text}), status=404)


def no_right(request: HttpRequest, error: NoRightError) -> HttpResponse:
    """Who may do that, and who can give the right."""
    said = _("Your roles do not let you do this. It takes one of: {roles}. An admin gives roles, in the settings.")
    text = said.format(roles=", ".join(role_name(role) for role in error.roles))
    if "application/json" in request.headers.get("Accept", ""):
        plain = {"ok": False, "said": text}
        return HttpResponse(json.dumps(plain), content_type="application/json", status=403)
    return render(request, "said.html", without_records(request, {"said": text}), status=403)


def not_taken(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that is too large, or names a host that this is not."""
    text = _("This request cannot be taken: it is too large, has too many fields, or names another host.")
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What an account does not allow: a second factor needs a password to begin with."""
    text = _(
        "This cannot be done with this account. A second factor needs a password first: choose one in Settings."
    )
    return render(request, "said.html", without_records(request, {"said": text}), status=403)


def not_done(request: HttpRequest, error: Exception) -> HttpResponse:
    """What was asked for is refused, and no page has a place to say so."""
    return render(request, "said.html", with_reader(request, {"said": str(error)}), status=409)


def away(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    """The database does not answer; going back still works."""
    text = Message(
        "The records do not answer now: {problem}. Nobody was moved by this. Going back works without them: "
        "unfelt back",
        problem=problem.strip().splitlines()[0] if problem.strip() else "–",
    )
    return render(request, "said.html", without_records(request, {"said": str(text)}), status=503)


def unfit(request: HttpRequest) -> HttpResponse:
    """The database answered: what was sent does not fit into it."""
    text = _("A value that was sent is too long or too large to be kept.")
    return render(request, "said.html", without_records(request, {"said": text}), status=400)


def failed(request: HttpRequest) -> HttpResponse:
    """unfelt itself failed, or a database that is away was met outside a page: each is said as what it is."""
    error = sys.exc_info()[1]
    if isinstance(error, AWAY):
        return away(request, problem=str(error))
    if error is not None:
        note_failure(error)
    text = Message(
        "unfelt itself failed ({kind}). Nobody was moved by this, and going back works: unfelt back. Please "
        "report it, with what you did.",
        kind=type(error).__name__,
    )
    return render(request, "said.html", without_records(request, {"said": str(text)}), status=500)


def not_from_here(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not sent by one of these pages, or by one that was opened before the last login."""
    text = _("This form is too old or was not sent from here. Go back, reload the page and try again.")
    shown = {"said": text, **again(request)}
    return render(request, "said.html", without_records(request, shown), status=403)
