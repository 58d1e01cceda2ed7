"""What goes in and what comes out where reports are sent."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from unfelt.engines.teamwork.receipts import SentReport


class ReceiptShown(Schema):
    """To whom, and when they said that they have it. sent, received: entries of the ledger; 0 where none is."""

    name: str
    sent_at: datetime
    received_at: datetime | None
    sent: int
    received: int


class ReportShown(Schema):
    """A report that was sent. report: SHA-256 of the page. revision: of the plan that it is about."""

    kind: Literal["compliance", "cost", "time"]
    report: str
    address: str
    revision: str
    by: str
    at: datetime
    unreceived: int
    receipts: list[ReceiptShown]


class ReportsSent(Schema):
    """The revision of the plan that stands, and every report that was sent, the newest first."""

    revision: str
    reports: list[ReportShown]


def report_shown(one: SentReport) -> dict[str, Any]:
    """The report as data."""
    receipts = [{name: getattr(it, name) for name in ReceiptShown.model_fields} for it in one.receipts]
    return {
        **{name: getattr(one, name) for name in ("kind", "revision", "by", "at")},
        "report": one.digest,
        "address": f"/changes/{one.change}/report/sent/{one.digest}/",
        "unreceived": len(one.unreceived),
        "receipts": receipts,
    }
