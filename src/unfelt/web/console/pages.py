"""The pages."""

import csv
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.conf.language import Message, _
from unfelt.records.models import Rollout
from unfelt.rollout.people import confirm as agree
from unfelt.rollout.report import report_of
from unfelt.rollout.start import planned
from unfelt.web.console.acting import pin as pin_to_old
from unfelt.web.console.acting import take_back, unpin
from unfelt.web.console.guarding import LANGUAGE, LANGUAGES, who
from unfelt.web.console.links import use_link
from unfelt.web.console.seeing import board_of, live_of, pins_of

Page = Callable[..., HttpResponse]


def answering(page: Page) -> Page:
    """Records that do not answer, or do not know the rollout, become a page that says so."""

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        try:
            return page(request, *args, **kwargs)
        except Rollout.DoesNotExist:
            return not_found(request)
        except Error as error:
            return failed(request, problem=str(error))

    return wrapped


@require_GET
@answering
def board(request: HttpRequest) -> HttpResponse:
    """All rollouts: those that wait for a person, those under way, those that have ended."""
    return render(request, "board.html", with_reader(request, board_of(request.GET.get("q", ""))))


@require_GET
@answering
def live(request: HttpRequest, rollout: str) -> HttpResponse:
    """One rollout as it stands, and as it goes on."""
    shown = {**live_of(rollout), "pins": pins_of(settings.UNFELT_HOME, rollout)}
    return render(request, "live.html", with_reader(request, shown))


@require_GET
@answering
def report(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proof report, to be read and printed."""
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    return render(
        request, "report.html", with_reader(request, {"report": report_of(row, planned(row)), "id": row.id})
    )


@require_GET
@answering
def report_json(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proof report as data."""
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    text = json.dumps(report_of(row, planned(row)), ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/json", headers=as_file(f"{row.id}.json"))


@require_GET
@answering
def export(request: HttpRequest) -> HttpResponse:
    """The list of rollouts as it is shown, for a spreadsheet."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=as_file("rollouts.csv"))
    response.write("\ufeff")
    columns = ("id", "change", "title", "state", "began", "ended", "share", "at_most", "budget")
    writer = csv.DictWriter(response, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(harmless(card) for card in board_of(request.GET.get("q", ""))["cards"])
    return response


def harmless(card: dict[str, Any]) -> dict[str, Any]:
    """A text that a spreadsheet would take for a formula is a text."""
    return {
        key: f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" else value
        for key, value in card.items()
    }


def as_file(name: str) -> dict[str, str]:
    """The headers of an answer that is kept as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


# Acting


@require_POST
def back(request: HttpRequest, rollout: str) -> HttpResponse:
    """Everybody is on old: the router first, the records afterwards."""
    took = take_back(settings.UNFELT_HOME, rollout, by=who(request))
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(json.dumps(took.plain()), content_type="application/json", status=took.status)
    return render(request, "taken.html", with_reader(request, {"took": took, "id": rollout}), status=took.status)


@require_POST
@answering
def confirm(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proposal that was read is agreed to; another one is not."""
    row = Rollout.objects.get(pk=rollout)
    agree(row, by=who(request), proposal=int(request.POST.get("proposal") or 0))
    return redirect("live", rollout=rollout)


@require_POST
@answering
def pin(request: HttpRequest, rollout: str) -> HttpResponse:
    """Customers are pinned to old by the ids that were typed, one a line, or let go by pseudonym."""
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


# Coming, going, language


def login(request: HttpRequest, token: str) -> HttpResponse:
    """Opened by hand, not by a preview: the link is used up by the button on this page."""
    if request.method != "POST":
        return render(request, "login.html", with_reader(request, {"token": token}))
    by = use_link(settings.UNFELT_HOME, token)
    if by is None:
        return render(request, "unknown.html", with_reader(request, {}), status=401)
    request.session.cycle_key()
    request.session["who"] = by
    return redirect("board")


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Nobody is known at this browser."""
    request.session.flush()
    return redirect("board")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """From here on pages come in that language."""
    here = request.POST.get("here", "/")
    response = redirect(here if here.startswith("/") and not here.startswith(("//", "/\\")) else "/")
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE, chosen, max_age=365 * 86400, samesite="Strict")
    return response


# What went wrong


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page or rollout."""
    text = _("There is nothing at this address. All rollouts are on the board.")
    return render(request, "said.html", with_reader(request, {"said": text}), status=404)


def failed(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    """The records do not answer, or the console itself failed; going back still works."""
    text = Message(
        "The records do not answer now: {problem}. Nobody was moved by this. Going back works without them: "
        "unfelt back",
        problem=problem.strip().splitlines()[0] if problem.strip() else "–",
    )
    return render(request, "said.html", with_reader(request, {"said": str(text)}), status=503)


def not_from_here(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not sent by one of these pages."""
    text = _("This form is too old or was not sent from here. Go back, reload the page and try again.")
    return render(request, "said.html", with_reader(request, {"said": text}), status=403)


def with_reader(request: HttpRequest, more: dict[str, Any]) -> dict[str, Any]:
    """What a page shows, with who reads it and where."""
    return {"who": who(request), "here": request.get_full_path(), **more}
