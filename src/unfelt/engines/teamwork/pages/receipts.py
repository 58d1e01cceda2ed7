"""The report of a change as it was sent: to whom, who has received it, and the page itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NothingHereError, team_of
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.asked import SendFormAsked
from unfelt.engines.teamwork.phrases import REPORTS
from unfelt.engines.teamwork.receipts import SentReport, kept_page, known_token, reports_sent, sent_report
from unfelt.engines.teamwork.sending import receive_report, send_report, usual_recipients
from unfelt.records.models import ChangeRow
from unfelt.web.access.changes import me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in, ticked_in, typed_in
from unfelt.web.frame.page import Tab, action, page, problem_of
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table
from unfelt.web.printed.answering import printed
from unfelt.web.printed.gates import gates_page

COLUMNS = ("kind", "report", "revision", "by", "name", "sent_at", "received_at", "sent", "received")


@page("changes/<str:name>/report/sent/", Message("Report"), right="read", tabs=(Tab("change", 9),))
def sent_reports(request: HttpRequest, name: str) -> HttpResponse:
    """Who was sent which report and who has received it; and the form that sends it as it stands."""
    shown, known = opened(request, name), reader(request)
    found = reports_sent([name])
    if request.GET.get("as") == "csv":
        return harmless_table(f"{name}-reports.csv", COLUMNS, (row for one in found for row in rows_of(one)))
    usual = [one.name for one in usual_recipients(shown.change, by=known.name)]
    is_refused = bool(problem_of(request))
    more = {
        "reports": found,
        "titles": REPORTS,
        "revision": ChangeRow.objects.values_list("revision_id", flat=True).get(name=name),
        "may_send": known.may("write", shown.team),
        "usual": usual,
        "chosen": ticked_in(request, "to") if is_refused else usual,
        "typed": typed_in(request, "others"),
        "mine": known_token(known.name),
    }
    return render(request, "reports_sent.html", with_change(request, shown, more))


def rows_of(one: SentReport) -> list[dict[str, Any]]:
    """Each receipt as data."""
    said = {"kind": one.kind, "report": one.digest, "revision": one.revision, "by": one.by}
    return [
        {
            **said,
            "name": receipt.name,
            "sent_at": receipt.sent_at.isoformat(),
            "received_at": receipt.received_at.isoformat() if receipt.received_at else "",
            "sent": receipt.sent,
            "received": receipt.received,
        }
        for receipt in one.receipts
    ]


@action("changes/<str:name>/report/send/", right="write", shows="sent_reports")
def send_it(request: HttpRequest, name: str) -> HttpResponse:
    """The report as it stands goes to those who are chosen."""
    shown = opened(request, name, "write")
    asked = asked_in(request, SendFormAsked)
    to = [member_called(one, field="others") for one in dict.fromkeys([*asked.to, *asked.others])]
    said = {"written": gates_page, "by": me_at(request).name, "at": now_of(request)}
    send_report(shown.change, standards(), to, **said)
    return redirect("sent_reports", name=name)


@page("changes/<str:name>/report/sent/<str:digest>/", Message("Report"), right="read")
def report_sent(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """One that was sent, for whom it was sent to and who may open the change: exactly those bytes."""
    found = _theirs(request, name, digest)
    more = {
        "report": found,
        "title": REPORTS[found.kind],
        "mine": found.receipt_of(known_token(reader(request).name)),
        "is_kept": kept_page(digest) is not None,
        "may_open": reader(request).sees(team_of(name)),
        "problem": problem_of(request),
    }
    return render(request, "report_sent.html", with_reader(request, more))


@page("changes/<str:name>/report/sent/<str:digest>/page/", Message("Report"), right="read")
def report_as_sent(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """The bytes themselves."""
    _theirs(request, name, digest)
    content = kept_page(digest)
    if content is None:
        raise NothingHereError
    return printed(content)


@action("changes/<str:name>/report/sent/<str:digest>/received/", right="read", shows="report_sent")
def report_received(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """Whoever is logged in has received it, if it was sent to them."""
    _theirs(request, name, digest)
    receive_report(name, digest, by=me_at(request), at=now_of(request))
    return redirect("report_sent", name=name, digest=digest)


def _theirs(request: HttpRequest, name: str, digest: str) -> SentReport:
    """The report, where they may open the change or it was sent to them."""
    known, found = reader(request), sent_report(name, digest)
    is_theirs = found is not None and found.receipt_of(known_token(known.name)) is not None
    if found is None or not (is_theirs or known.sees(team_of(name))):
        raise NothingHereError
    return found
