"""The pages."""

import csv
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.conf.language import Message, _
from unfelt.engines.people.phrases import role_name
from unfelt.engines.people.rights import who_may
from unfelt.records.models import Rollout
from unfelt.rollout.people import confirm as agree
from unfelt.rollout.report import report_of
from unfelt.rollout.start import planned
from unfelt.web.console.acting import pin as pin_to_old
from unfelt.web.console.acting import take_back, team_of_router, unpin
from unfelt.web.console.failing import AWAY, note_failure
from unfelt.web.console.guarding import LANGUAGE, LANGUAGES, THEME, THEMES, again, who
from unfelt.web.console.members.reader import (
    NoRightError,
    NothingHereError,
    may,
    may_take_back,
    open_rollout,
    owes_second_factor,
    reader,
)
from unfelt.web.console.seeing import beside_the_board, board_of, course_of, live_of, pins_of
from unfelt.web.console.shown import with_reader, without_records

Page = Callable[..., HttpResponse]


def answering(page: Page) -> Page:
    """No right, nothing there, and records that do not answer become pages that say so."""

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        try:
            return page(request, *args, **kwargs)
        except (Rollout.DoesNotExist, NothingHereError):
            return not_found(request)
        except NoRightError as error:
            return no_right(request, error)
        except AWAY as error:
            return away(request, problem=str(error))
        except DataError:
            return unfit(request)

    return wrapped


@require_GET
@answering
@may("read")
def board(request: HttpRequest) -> HttpResponse:
    """All rollouts: those that wait for a person, those under way, those that have ended."""
    known = reader(request)
    shown = {**board_of(request.GET.get("q", "")[:200], known), **beside_the_board(known)}
    return render(request, "board.html", with_reader(request, shown))


@require_GET
@answering
@may("read")
def live(request: HttpRequest, rollout: str) -> HttpResponse:
    """One rollout as it stands, and as it goes on."""
    open_rollout(reader(request), rollout)
    shown = {**live_of(rollout), "pins": pins_of(settings.UNFELT_HOME, rollout)}
    return render(request, "live.html", with_reader(request, shown))


@require_GET
@answering
@may("read")
def report(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proof report, to be read and printed."""
    open_rollout(reader(request), rollout)
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    shown = {"report": report_of(row, planned(row)), "id": row.id, "course": course_of(row.id)}
    return render(request, "report.html", with_reader(request, shown))


@require_GET
@answering
@may("read")
def report_json(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proof report as data."""
    open_rollout(reader(request), rollout)
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    text = json.dumps(report_of(row, planned(row)), ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/json", headers=as_file(f"{row.id}.json"))


@require_GET
@answering
@may("read")
def export(request: HttpRequest) -> HttpResponse:
    """The list of rollouts as it is shown, for a spreadsheet."""
    columns = ("id", "change", "title", "state", "began", "ended", "share", "at_most", "budget")
    return harmless_table("rollouts.csv", columns, _wanted_cards(request))


def _wanted_cards(request: HttpRequest) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = board_of(request.GET.get("q", "")[:200], reader(request))["cards"]
    return cards


def harmless_table(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """A file for a spreadsheet: UTF-8 with its mark, and no text that would be taken for a formula."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=as_file(name))
    response.write("\ufeff")
    writer = csv.DictWriter(response, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(harmless(row) for row in rows)
    return response


def harmless(card: Mapping[str, Any]) -> dict[str, Any]:
    """A text that a spreadsheet would take for a formula is a text; numbers stay numbers."""
    return {key: value if isinstance(value, int | float) else _text(value) for key, value in card.items()}


def _text(value: object) -> str:
    """Some spreadsheets fold full-width signs, and pass over spaces, tabs, ends of lines and what is not seen."""
    text = "" if value is None else str(value)
    seen = next((one for one in text if not (one.isspace() or unicodedata.category(one) in ("Cc", "Cf"))), "")
    is_formula = unicodedata.normalize("NFKC", seen)[:1] in tuple("=+-@\u2212") or text[:1] in tuple("\t\r\n")
    return f"'{text}" if is_formula else text


def as_file(name: str) -> dict[str, str]:
    """The headers of an answer that is kept as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


# Acting


@require_POST
def back(request: HttpRequest, rollout: str) -> HttpResponse:
    """Everybody is on old: the router first, the records afterwards. The session alone says who may."""
    if not may_take_back(request, team_of_router(settings.UNFELT_HOME, rollout)):
        return no_right(request, NoRightError(*who_may("back")))
    took = take_back(settings.UNFELT_HOME, rollout, by=who(request))
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(json.dumps(took.plain()), content_type="application/json", status=took.status)
    shown = without_records(request, {"took": took, "id": rollout})
    return render(request, "taken.html", shown, status=took.status)


@require_POST
@answering
@may("move")
def confirm(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proposal that was read is agreed to; another one is not. Who has a second factor has shown it lately."""
    open_rollout(reader(request), rollout, "move")
    if owes_second_factor(request):
        return redirect(f"/accounts/2fa/reauthenticate/?next=/rollouts/{rollout}/")
    row = Rollout.objects.get(pk=rollout)
    typed = request.POST.get("proposal", "")
    agree(
        row, by=who(request), proposal=int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    )
    return redirect("live", rollout=rollout)


@require_POST
@answering
@may("move")
def pin(request: HttpRequest, rollout: str) -> HttpResponse:
    """Customers are pinned to old by the ids that were typed, one a line, or let go by pseudonym."""
    open_rollout(reader(request), rollout, "move")
    home, by = settings.UNFELT_HOME, who(request)
    if let_go := request.POST.getlist("unpin"):
        problem = unpin(home, rollout, let_go, by=by)
    else:
        typed = [line.strip() for line in request.POST.get("customers", "").splitlines() if line.strip()]
        unnamed = _("Type the id of a customer, one a line.")
        problem = pin_to_old(home, rollout, typed, by=by) if typed else unnamed
    if problem is None:
        return redirect(f"/rollouts/{rollout}/#pins")
    return render(request, "said.html", with_reader(request, {"said": problem}), status=409)


# Language


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


# What went wrong


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
