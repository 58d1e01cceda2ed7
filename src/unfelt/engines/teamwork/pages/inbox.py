"""My work: what waits for whoever reads it, and signing several things at once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.pages.intake import must_be_asked
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NoRightError, NothingHereError, must_hold
from unfelt.engines.teamwork.actions import put_away
from unfelt.engines.teamwork.asked import SignAllAsked
from unfelt.queries.inbox import work_of
from unfelt.records.models import Mention
from unfelt.web.access.changes import control_at, me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.guarding import who
from unfelt.web.access.reader import reader
from unfelt.web.frame.forms import asked_in
from unfelt.web.frame.page import Tab, action, page, problem_of
from unfelt.web.frame.shown import with_reader


@page("", Message("My work"), right="read", tabs=(Tab("main", 1),))
def work(request: HttpRequest) -> HttpResponse:
    """What waits for them, the most pressing first."""
    problem = problem_of(request)
    return _work(request, (str(problem),) if problem else ())


def _work(request: HttpRequest, problems: tuple[str, ...]) -> HttpResponse:
    shown = {**work_of(reader(request), me_at(request), now_of(request)), "problems": problems}
    return render(request, "work.html", with_reader(request, shown), status=409 if problems else 200)


@action("mine/sign/", right="sign", shows="work")
def sign_all(request: HttpRequest) -> HttpResponse:
    """Everything that was ticked is signed; what cannot be is said, and the others are signed all the same."""
    problems = []
    for one in asked_in(request, SignAllAsked).sign:
        name, _slash, control_id = one.partition("/")
        try:
            shown, control = opened(request, name, "sign"), control_at(control_id)
            must_hold(reader(request), control.owner, shown.team)
            must_be_asked(shown, control)
            actions.sign(shown.change, standards().playbook, control, by=who(request), at=now_of(request))
        except GateError as error:
            problems.append(f"{control_at(control_id).title!s}: {error.message}")
        except (NoRightError, NothingHereError):
            problems.append(one)
    return _work(request, tuple(problems)) if problems else redirect("work")


@action("mine/answered/<int:number>/", right="read")
def answered(request: HttpRequest, number: int) -> HttpResponse:
    """A question that needs no answer."""
    row = Mention.objects.filter(pk=number, member=me_at(request)).first()
    if row is None:
        raise NothingHereError
    put_away(row, at=now_of(request))
    return redirect("work")
