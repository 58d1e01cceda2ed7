"""Who cannot come in is told so, in the same words whoever they are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import _, ngettext
from unfelt.web.frame.shown import with_reader, without_records


def closed(request: HttpRequest) -> HttpResponse:
    """Who is no member cannot become one here, nor can who is not one any more."""
    text = _("Members are added by an admin: ask one for a link.")
    return render(request, "said.html", with_reader(request, {"said": text}), status=403)


def used_up(request: HttpRequest) -> HttpResponse:
    """The link lets nobody in."""
    text = _(
        "This link lets nobody in: it was used before, is too old, or is for somebody who has a password by now. "
        "Log in with it; who has lost it asks an admin to open the account again."
    )
    return render(request, "said.html", with_reader(request, {"said": text}), status=401)


def too_many(request: HttpRequest, due: float = 60.0) -> HttpResponse:
    """Too much was tried from there; when it can be tried again."""
    seconds = max(1, round(due))
    text = ngettext(
        "Too much was tried. Try again in {n} second.", "Too much was tried. Try again in {n} seconds.", seconds
    )
    shown = {"said": text.format(n=seconds)}
    response = render(request, "said.html", without_records(request, shown), status=429)
    response["Retry-After"] = str(seconds)
    return response
