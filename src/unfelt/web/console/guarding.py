"""What stands before every page: security headers, the reader's language, and who they are."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render

from unfelt.conf.language import in_language

Answer = Callable[[HttpRequest], HttpResponseBase]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPEN = ("/login/", "/static/", "/api/")
"""The API asks for its token itself."""
LANGUAGE = "unfelt_language"
LANGUAGES = {"zh": "zh-Hans", "en": "en"}


def headers(answer: Answer) -> Answer:
    """Nothing is loaded from elsewhere, framed, sniffed or kept by a cache, and no other host name is answered."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # Raises what becomes status 400.
        response = answer(request)
        response["Content-Security-Policy"] = POLICY
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "same-origin"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def in_the_readers_language(answer: Answer) -> Answer:
    """Chosen on the page, else what the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with in_language(language_of(request)):
            return answer(request)

    return middleware


def language_of(request: HttpRequest) -> str:
    """`zh` or `en`."""
    chosen = str(request.COOKIES.get(LANGUAGE, ""))
    if chosen in LANGUAGES:
        return chosen
    asked = str(request.headers.get("Accept-Language", ""))
    wanted = [part.split(";")[0].strip().lower() for part in asked.split(",")]
    return next((one[:2] for one in wanted if one[:2] in LANGUAGES), "en")


def for_those_who_are_known(answer: Answer) -> Answer:
    """Every page but the login is for those who came by a link."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        get_token(request)
        if request.path.startswith(OPEN) or who(request):
            return answer(request)
        return render(request, "unknown.html", status=401)

    return middleware


def who(request: HttpRequest) -> str:
    """Who is at the browser; empty where nobody is known."""
    return str(request.session.get("who", ""))
