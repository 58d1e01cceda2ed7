"""Reports that were sent to a member and wait until they say that they have received them."""

from collections.abc import Iterator
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.engines.inbox import Waits
from unfelt.engines.ledger.gates.deriving import Row
from unfelt.engines.news import Item
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.chain import FIELDS, noted
from unfelt.engines.teamwork.phrases import REPORTS
from unfelt.engines.teamwork.receipts import ABOUT_REPORTS, SentReport, in_entries, known_token
from unfelt.records.models import Entry, Member


def reports_to(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Those that were sent to them in that time."""
    for one, at in _waiting(member):
        if since < at <= now:
            said = {"change": one.change, "report": REPORTS[one.kind]}
            text = Message("{change}: {report} was sent to you: say that you have received it", **said)
            yield Item(at, text, address_of(one))


def received_by(_known: Reader, member: Member, _now: datetime) -> Iterator[Waits]:
    """Those that they have not received, the newest first."""
    for one, _at in _waiting(member):
        yield Waits(address_of(one), str(REPORTS[one.kind]), one.change)


def address_of(one: SentReport) -> str:
    """Where it is read and received."""
    return f"/changes/{one.change}/report/sent/{one.digest}/"


def _waiting(member: Member) -> Iterator[tuple[SentReport, datetime]]:
    """Of each change and kind the newest that was sent to them, if they have not received it, and since when."""
    token = known_token(member.name)
    if token is None:
        return
    rows = Entry.objects.filter(kind__in=ABOUT_REPORTS, body__contains=token).order_by("sequence")
    entries = [noted(Row(*row)) for row in rows.values_list(*FIELDS)]
    seen: set[tuple[str, str]] = set()
    for one in in_entries(entries, {}):
        receipt = one.receipt_of(token)
        if receipt is None or (one.change, one.kind) in seen:
            continue  # They have sent it.
        seen.add((one.change, one.kind))
        if receipt.received_at is None:
            yield one, receipt.sent_at
