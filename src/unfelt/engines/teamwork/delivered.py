"""Whether the report on a change has reached those whom it was sent to, from the chain."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from unfelt.conf.language import Message
from unfelt.documents.revision import revise
from unfelt.engines.ledger.gates.deriving import Deriver, Ground, Number, Records
from unfelt.engines.ledger.people import names
from unfelt.engines.teamwork.chain import noted
from unfelt.engines.teamwork.receipts import ABOUT_REPORTS, SentReport, in_entries

NUMBERS = {
    "compliance": "report_unreceived",
    "cost": "cost_report_unreceived",
    "time": "time_report_unreceived",
}
"""By kind of report, what the number is called."""


def _gather(records: Records) -> Mapping[str, Sequence[SentReport]]:
    """By change, what was sent, the newest first."""
    entries = [noted(row) for row in records.entries if row.kind in ABOUT_REPORTS]
    found: dict[str, list[SentReport]] = defaultdict(list)
    for one in in_entries(entries, names()) if entries else ():
        found[one.change].append(one)
    return found


def _numbers(ground: Ground) -> Mapping[str, Number]:
    """Of the newest report of each kind, who has not received it; not known where none was sent.

    Nor is it where another plan stands than the one that it is about.
    """
    found: dict[str, Number] = {}
    sent = ground.beside.get(ground.change.change.id, ())
    for kind, name in NUMBERS.items():
        newest = next((one for one in sent if one.kind == kind), None)
        if newest is not None and newest.revision == revise(ground.change).digest:
            rows = [Message("{name} has not received the report", name=one.name) for one in newest.unreceived]
            found[name] = Number(float(len(rows)), tuple(rows))
    return found


DELIVERED = Deriver("reports", ABOUT_REPORTS, numbers=_numbers, gather=_gather)
