"""In which language and colours pages come."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from unfelt.web.access.guarding import LANGUAGE, LANGUAGES, THEME, THEMES


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """From here on pages come in that language."""
    response = redirect(_here(request))
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE, chosen, max_age=365 * 86400, samesite="Strict")
    return response


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """From here on pages come light, dark, or as the system has it."""
    response = redirect(_here(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(THEME, chosen, max_age=365 * 86400, samesite="Strict")
    return response


def _here(request: HttpRequest) -> str:
    here = request.POST.get("here", "/")
    return here if here.startswith("/") and not here.startswith(("//", "/\\")) else "/"
