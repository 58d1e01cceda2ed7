"""What stands before every page: security headers, the reader's language, and who they are."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import translation

from unfelt.conf.language import _, in_language
from unfelt.engines.asked import is_no_text
from unfelt.web.access.proxies import believe

Answer = Callable[[HttpRequest], HttpResponseBase]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
OPEN = ("/login/", "/accounts/", "/static/", "/api/", "/language/", "/theme/", "/worker.js")
"""The API asks for its token itself, and django-allauth for a login where one is due."""
COMING_OR_GOING = ("/login/", "/logout/", "/accounts/login/", "/accounts/logout/")
LANGUAGE = "unfelt_language"
LANGUAGES = {"zh": "zh-Hans", "en": "en"}
THEME = "unfelt_theme"
THEMES = ("", "dark", "light")
"""As the system has it, if empty."""
NOT_KEPT = ("csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code")
MOST_KEPT = 200_000
"""Characters of a form that are handed back to who typed them."""


def headers(answer: Answer) -> Answer:
    """Nothing is loaded from elsewhere, framed, sniffed or kept by a cache, and no other host name is answered."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        believe(request.META, settings.UNFELT_PROXIES)
        request.get_host()  # Raises what becomes status 400.
        response = answer(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        response.setdefault("Content-Security-Policy", POLICY)  # A page that stands alone says its own.
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "same-origin"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response.setdefault("Cache-Control", "no-store")
        if is_coming_or_going(request):
            response["Clear-Site-Data"] = '"storage"'
        return response

    return middleware


def plain_text_only(answer: Answer) -> Answer:
    """What no text holds (NUL, half a character) is refused before anybody stores or looks it up: status 400."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if is_no_text(request.path) or any(map(is_no_text, _values(request.GET))):
            return _not_text(request)
        is_form = request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")
        if is_form and not request.path.startswith("/api/") and any(map(is_no_text, _values(request.POST))):
            return _not_text(request)
        return answer(request)

    return middleware


def _values(given: QueryDict) -> Iterator[str]:
    for name, values in given.lists():
        yield name
        yield from values


def _not_text(request: HttpRequest) -> HttpResponse:
    said = _("This request holds a character that no text has (NUL, or half of one).")
    if request.path.startswith("/api/"):
        return JsonResponse({"error": said, "problems": [], "known": []}, status=400)
    return HttpResponse(said, content_type="text/plain; charset=utf-8", status=400)


def in_the_readers_language(answer: Answer) -> Answer:
    """Chosen on the page, else what the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        wanted = language_of(request)
        with in_language(wanted), translation.override("zh-hans" if wanted == "zh" else "en"):
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


def theme_of(request: HttpRequest) -> str:
    """`dark`, `light`, or empty: as the system has it."""
    chosen = str(request.COOKIES.get(THEME, ""))
    return chosen if chosen in THEMES else ""


def for_those_who_are_known(answer: Answer) -> Answer:
    """Every page but the login is for members; going back is for whom the session names."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        get_token(request)
        if is_going_back(request) and who(request):
            request.session.touch()
            return answer(request)
        if request.path.startswith(OPEN):
            return answer(request)
        if request.user.is_authenticated:
            _used(request)
            return answer(request)
        return unknown(request)

    return middleware


def _used(request: HttpRequest) -> None:
    """The session is in use, not by a page that is only left open; its key is another after a change of rights."""
    if not request.path.endswith("/events/"):
        request.session.touch()
        if request.session.pop("renew", False):
            request.session.cycle_key()


def is_coming_or_going(request: HttpRequest) -> bool:
    """Somebody logs in or out: pages that the browser kept to be read without a network are not the next one's."""
    by_form = request.method == "POST" and request.path.startswith(COMING_OR_GOING)
    return bool(by_form or request.path.endswith("/login/callback/"))


def is_going_back(request: HttpRequest) -> bool:
    """The request is for `Back`."""
    return (
        bool(request.method == "POST")
        and request.path.startswith("/rollouts/")
        and request.path.endswith("/back/")
    )


def unknown(request: HttpRequest) -> HttpResponse:
    """Who are you? What was typed into a form is handed back, to be sent again after a login."""
    shown = {"next": request.get_full_path() if request.method == "GET" else "/", **again(request)}
    return render(request, "unknown.html", {**shown, "theme": theme_of(request)}, status=401)


def again(request: HttpRequest) -> dict[str, object]:
    """A form of these pages as it was sent: nothing that was typed is lost. One from elsewhere is not repeated."""
    fields: list[tuple[str, str]] = []
    if request.method == "POST" and is_from_here(request.headers, request.get_host()):
        names = [name for name in request.POST if name not in NOT_KEPT]
        fields = [(name, value) for name in names for value in request.POST.getlist(name)]
        if sum(len(value) for _name, value in fields) > MOST_KEPT:
            fields = []
    return {"again": fields, "action": request.get_full_path()}


def is_from_here(headers: Mapping[str, str], host: str) -> bool:
    """The browser says that the form was sent by a page of this host."""
    origin = headers.get("Origin") or headers.get("Referer") or ""
    return urlsplit(origin).netloc == host


def who(request: HttpRequest) -> str:
    """Under which name somebody at the browser acts; empty where nobody is known."""
    return str(request.session.get("who", ""))
