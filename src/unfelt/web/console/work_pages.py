"""My work: what waits for whoever reads it, and signing several things at once."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.teamwork.actions import put_away
from unfelt.records.models import Mention
from unfelt.web.console.bringing import must_be_asked
from unfelt.web.console.change_pages import control_at, me_at, opened
from unfelt.web.console.changes import house
from unfelt.web.console.guarding import who
from unfelt.web.console.members.reader import NoRightError, NothingHereError, may, must_hold, reader
from unfelt.web.console.pages import answering
from unfelt.web.console.shown import with_reader
from unfelt.web.console.work import work_of

MOST_AT_ONCE = 100


@require_GET
@answering
@may("read")
def work(request: HttpRequest) -> HttpResponse:
    """What waits for them, the most pressing first."""
    return _work(request, ())


def _work(request: HttpRequest, problems: tuple[str, ...]) -> HttpResponse:
    shown = {**work_of(reader(request), me_at(request)), "problems": problems}
    return render(request, "work.html", with_reader(request, shown), status=409 if problems else 200)


@require_POST
@answering
@may("sign")
def sign_all(request: HttpRequest) -> HttpResponse:
    """Everything that was ticked is signed; what cannot be is said, and the others are signed all the same."""
    problems = []
    for one in request.POST.getlist("sign")[:MOST_AT_ONCE]:
        name, _slash, control_id = one.partition("/")
        try:
            shown, control = opened(request, name, "sign"), control_at(control_id)
            must_hold(reader(request), control.owner, shown.team)
            must_be_asked(shown, control)
            actions.sign(shown.change, house().playbook, control, by=who(request), at=datetime.now(UTC))
        except GateError as error:
            problems.append(f"{control_at(control_id).title!s}: {error.message}")
        except (NoRightError, NothingHereError):
            problems.append(one)
    return _work(request, tuple(problems)) if problems else redirect("work")


@require_POST
@answering
@may("read")
def answered(request: HttpRequest, number: int) -> HttpResponse:
    """A question that needs no answer."""
    row = Mention.objects.filter(pk=number, member=me_at(request)).first()
    if row is None:
        raise NothingHereError
    put_away(row, at=datetime.now(UTC))
    return redirect("work")
