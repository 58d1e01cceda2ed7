"""Reports of a change that were sent, and who has received them, for scripts."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.api.report_shapes import ReportsSent, report_shown
from unfelt.engines.teamwork.asked import SendAsked
from unfelt.engines.teamwork.receipts import reports_sent
from unfelt.engines.teamwork.sending import send_report, usual_recipients
from unfelt.records.models import ChangeRow
from unfelt.web.access.changes import opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer
from unfelt.web.printed.gates import gates_page

router = Router()


@router.get("{name}/reports/", response={200: ReportsSent, **REFUSED})
def reports(request: HttpRequest, name: str) -> Answer:
    """Who was sent which report and who has received it, the newest first."""
    opened(request, name)
    return _sent(name)


@router.post("{name}/reports/", response={201: ReportsSent, **REFUSED})
def send(request: HttpRequest, name: str, asked: SendAsked) -> Answer:
    """The compliance report as it stands is kept and sent; each says in the console that they have received it."""
    shown, by = opened(request, name, "write"), member_of(reader(request)).name
    to = [member_called(one, field="to") for one in asked.to] or usual_recipients(shown.change, by=by)
    send_report(shown.change, standards(), to, written=gates_page, by=by, at=now_of(request))
    return Status(201, _sent(name))


def _sent(name: str) -> dict[str, Any]:
    revision = str(ChangeRow.objects.values_list("revision_id", flat=True).get(name=name))
    return {"revision": revision, "reports": [report_shown(one) for one in reports_sent([name])]}
