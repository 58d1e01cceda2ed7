"""Risks and the calendar, for scripts."""

from datetime import date

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from unfelt.engines.asked import Asked
from unfelt.engines.people.access import must
from unfelt.queries.overview import month_of, risks_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


class RiskShown(Schema):
    """A risk of a change; expected: customers that it would reach on average."""

    change: str
    risk: str
    what: str
    chance: float
    affects: int
    expected: float
    response: str
    barrier: str


class Risks(Schema):
    """Risks of the changes that are not done, the gravest first; of so many changes."""

    risks: list[RiskShown]
    looked_through: int


@router.get("risks/", response={200: Risks, **REFUSED})
def risks(request: HttpRequest) -> Answer:
    """Every risk of the changes that are not done."""
    must(reader(request), "read")
    found = risks_of(reader(request), now_of(request))
    plain = [
        {
            "change": one.change.change.id,
            "risk": one.risk.id,
            "what": one.risk.what,
            "chance": one.risk.chance,
            "affects": one.risk.affects,
            "expected": one.expected,
            "response": one.risk.response,
            "barrier": one.risk.barrier or "",
        }
        for one in found["risks"]
    ]
    return {"risks": plain, "looked_through": found["looked_through"]}


class MonthAsked(Asked):
    """Which month; the one that it is, if nothing is said."""

    year: int | None = Field(default=None, ge=2000, le=2099)
    month: int | None = Field(default=None, ge=1, le=12)


class DayShown(Schema):
    """A day in UTC: changes whose window it falls in, freezes, what is due, what meets on the same."""

    day: date
    changes: list[str]
    freezes: list[str]
    due: list[str]
    clashes: list[str]


class Month(Schema):
    """The days of a month, in whole weeks."""

    days: list[DayShown]


@router.get("calendar/", response={200: Month, **REFUSED})
def calendar(request: HttpRequest, asked: Query[MonthAsked]) -> Answer:
    """A month: windows, freezes, recurring work and tasks."""
    must(reader(request), "read")
    now = now_of(request)
    found = month_of(reader(request), asked.year or now.year, asked.month or now.month, now_of(request))
    days = [
        {
            "day": one.day,
            "changes": [row.name for row in one.windows],
            "freezes": one.freezes,
            "due": one.due,
            "clashes": one.clashes,
        }
        for week in found["weeks"]
        for one in week
    ]
    return {"days": days}
