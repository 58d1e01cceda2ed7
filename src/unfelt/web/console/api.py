"""The same as data: for scripts, with the cookie of a login or the installation's token."""

import hmac
import os
import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from unfelt.records.models import Rollout
from unfelt.web.console.acting import take_back
from unfelt.web.console.guarding import who
from unfelt.web.console.seeing import board_of, live_of

TOKEN = "api.token"  # noqa: S105  (the name of a file)
Page = Callable[..., JsonResponse]


def token_of(home: Path) -> str:
    """The token of this installation, made when it is first asked for, readable by its owner alone."""
    path = home / "keys" / TOKEN
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text()


def allowed(*methods: str) -> Callable[[Page], Page]:
    """For those who bring the token, by these methods; errors are JSON that says what and what to do."""

    def decorate(page: Page) -> Page:
        @csrf_exempt
        @wraps(page)
        def wrapped(request: HttpRequest, **names: str) -> JsonResponse:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), token_of(settings.UNFELT_HOME).encode()):
                said = "Send the token of this installation: Authorization: Bearer (see keys/api.token)"
                return JsonResponse({"error": said}, status=401)
            if request.method not in methods:
                return JsonResponse({"error": f"Allowed here: {', '.join(methods)}"}, status=405)
            return _answered(page, request, names)

        page_for_scripts: Page = wrapped
        return page_for_scripts

    return decorate


def _answered(page: Page, request: HttpRequest, names: dict[str, str]) -> JsonResponse:
    try:
        return page(request, **names)
    except Rollout.DoesNotExist:
        known = list(Rollout.objects.order_by("began").values_list("id", flat=True))
        return JsonResponse({"error": f"No rollout {names['rollout']}", "known": known}, status=404)
    except Error as error:
        return JsonResponse({"error": f"The records do not answer: {error}"}, status=503)


@allowed("GET")
def rollouts(request: HttpRequest) -> JsonResponse:
    """Every rollout in a few numbers."""
    return JsonResponse({"rollouts": board_of(request.GET.get("q", ""))["cards"]})


@allowed("GET")
def rollout(_request: HttpRequest, rollout: str) -> JsonResponse:
    """One rollout as it stands."""
    return JsonResponse(live_of(rollout))


@allowed("POST")
def back(request: HttpRequest, rollout: str) -> JsonResponse:
    """Everybody is on old."""
    took = take_back(settings.UNFELT_HOME, rollout, by=who(request) or "api")
    plain: dict[str, Any] = took.plain()
    return JsonResponse(plain, status=took.status)
