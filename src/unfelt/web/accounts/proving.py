"""Who changes what somebody may do says again who they are, if that was a while ago."""

from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.web.access.reader import View, proved_lately
from unfelt.web.frame.shown import with_reader


def proven(page: View) -> View:
    """A form of that page is taken from who has just shown who they are; what was typed waits meanwhile."""

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        if request.method == "POST" and request.user.is_authenticated and not proved_lately(request):
            return ask(request)
        return page(request, *args, **kwargs)

    return wrapped


def ask(request: HttpRequest) -> HttpResponse:
    """By password or code where they have one, by the directory where they come from there, else by a new link."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    if ways:
        answer: HttpResponse = suspend_request(request, ways[0]["url"])
        return answer
    has_directory = SocialAccount.objects.filter(user=request.user).exists()
    return render(request, "prove.html", with_reader(request, {"has_directory": has_directory}), status=403)
