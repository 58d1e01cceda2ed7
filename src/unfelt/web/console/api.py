"""The same as data: for scripts, with the cookie of a login or the installation's token."""

import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from unfelt.engines.people.actions import MARK
from unfelt.engines.people.reading import reader_with
from unfelt.engines.people.rights import ROLES, Reader, Right
from unfelt.records.models import Rollout
from unfelt.web.console.acting import pin, take_back, unpin
from unfelt.web.console.members.reader import NoRightError, NothingHereError, must, open_rollout, reader
from unfelt.web.console.seeing import board_of, live_of, pins_of

MACHINE = Reader("api", frozenset(ROLES))
"""Whoever has the token of the installation."""
TOKEN = "api.token"  # noqa: S105  (the name of a file)
RIGHT_BY_METHOD: dict[tuple[str, str], Right] = {
    ("rollouts", "GET"): "read",
    ("rollout", "GET"): "read",
    ("back", "POST"): "back",
    ("pins", "GET"): "read",
    ("pins", "POST"): "move",
}
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
            if request.method not in methods:
                return JsonResponse({"error": f"Allowed here: {', '.join(methods)}"}, status=405)
            return _answered(page, request, names)

        page_for_scripts: Page = wrapped
        return page_for_scripts

    return decorate


def _known(request: HttpRequest) -> Reader | None:
    """Who brings the token: the installation's, which asks no database, or a member's."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if hmac.compare_digest(given.encode(), token_of(settings.UNFELT_HOME).encode()):
        return MACHINE
    return reader_with(given, now=datetime.now(UTC)) if given.startswith(MARK) else None


def _answered(page: Page, request: HttpRequest, names: dict[str, str]) -> JsonResponse:
    right = RIGHT_BY_METHOD[page.__name__, str(request.method)]
    try:
        _must_be_known(request, right, names.get("rollout"))
        return page(request, **names)
    except _UnknownError:
        said = "Send a token: Authorization: Bearer (of Settings, Me; or of the installation: keys/api.token)"
        return JsonResponse({"error": said}, status=401)
    except NoRightError:
        return JsonResponse({"error": f"This token or its member may not: {right}"}, status=403)
    except (NothingHereError, Rollout.DoesNotExist):
        sees = board_of("", reader(request))["cards"]
        known = [card["id"] for card in sees][::-1]
        return JsonResponse({"error": f"No rollout {names['rollout']}", "known": known}, status=404)
    except Error as error:
        return JsonResponse({"error": f"The records do not answer: {error}"}, status=503)


class _UnknownError(Exception):
    """No token, or one that nobody knows."""


def _must_be_known(request: HttpRequest, right: Right, rollout: str | None) -> None:
    known = _known(request)
    if known is None:
        raise _UnknownError
    request.unfelt_reader = known
    if known is not MACHINE:
        must(known, right)
        if rollout is not None:
            open_rollout(known, rollout, right)


@allowed("GET")
def rollouts(request: HttpRequest) -> JsonResponse:
    """Every rollout in a few numbers."""
    return JsonResponse({"rollouts": board_of(request.GET.get("q", ""), reader(request))["cards"]})


@allowed("GET")
def rollout(_request: HttpRequest, rollout: str) -> JsonResponse:
    """One rollout as it stands."""
    return JsonResponse(live_of(rollout))


@allowed("POST")
def back(request: HttpRequest, rollout: str) -> JsonResponse:
    """Everybody is on old."""
    took = take_back(settings.UNFELT_HOME, rollout, by=reader(request).name)
    plain: dict[str, Any] = took.plain()
    return JsonResponse(plain, status=took.status)


@allowed("GET", "POST")
def pins(request: HttpRequest, rollout: str) -> JsonResponse:
    """Who is pinned to old by hand; POST {"pin": [ids], "unpin": [pseudonyms]} first changes that."""
    home, by = settings.UNFELT_HOME, reader(request).name
    problem = None
    if request.method == "POST":
        asked = _asked(request.body)
        if asked is None:
            said = 'Send JSON such as {"pin": ["id"]} or {"unpin": ["pseudonym"]}: lists of texts'
            return JsonResponse({"error": said}, status=400)
        if asked["pin"]:
            problem = pin(home, rollout, asked["pin"], by=by)
        if asked["unpin"] and problem is None:
            problem = unpin(home, rollout, asked["unpin"], by=by)
    found = pins_of(home, rollout)
    plain: dict[str, Any] = {"pins": [asdict(one) for one in found or ()]}
    if problem is not None:
        plain["error"] = problem
    return JsonResponse(plain, status=200 if problem is None else 409)


def _asked(body: bytes) -> dict[str, list[str]] | None:
    """Whom to pin and whom to let go; None where that is not what was sent."""
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    if not isinstance(sent, dict) or not sent or sent.keys() - {"pin", "unpin"}:
        return None
    asked = {"pin": sent.get("pin", []), "unpin": sent.get("unpin", [])}
    good = all(
        isinstance(some, list) and all(isinstance(one, str) and one for one in some) for some in asked.values()
    )
    return asked if good else None
