"""Over many changes: search, risks, areas of practice, change models, the calendar; and who outside is told."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from unfelt.adapters.http import allowed
from unfelt.engines.ledger.gates.compliance import KINDS
from unfelt.engines.ledger.gates.models import model_name
from unfelt.engines.teamwork.webhooks import add_webhook, end_webhook
from unfelt.records.models import Webhook
from unfelt.web.api.asking_shapes import LessonShown, lesson_shown
from unfelt.web.api.shapes import REFUSED, Asked, CommentShown, InBoth, Short
from unfelt.web.console.members.reader import must, reader
from unfelt.web.console.overview import areas_of, everything_with, models_with_approval, month_of, risks_of

router = Router()
Answer = Any
"""Its shape is declared beside it."""


class SearchAsked(Asked):
    """The words."""

    q: Annotated[str, Field(min_length=1, max_length=200)]


class ChangeFound(Schema):
    """A change in a line."""

    name: str
    title: str
    titles: InBoth
    owner: str
    team: str


class Found(Schema):
    """What holds the words, ten of each kind at most; all_changes: how many changes do."""

    changes: list[ChangeFound]
    all_changes: int
    lessons: list[LessonShown]
    controls: list[str]
    rollouts: list[str]
    members: list[str]
    comments: list[CommentShown]


@router.get("search/", response={200: Found, **REFUSED})
def search(request: HttpRequest, asked: Query[SearchAsked]) -> Answer:
    """Everything that holds the words and may be seen."""
    must(reader(request), "read")
    found = everything_with(reader(request), asked.q)
    plain = {
        "lessons": [lesson_shown(one) for one in found["lessons"]],
        "controls": [control.id for _area, control in found["controls"]],
        "rollouts": [row.id for row in found["rollouts"]],
        "members": [one.name for one in found["members"]],
    }
    return {**found, **plain}


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
    found = risks_of(reader(request))
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


class CellShown(Schema):
    """A control over the changes that are not done: how many answer it how."""

    area: str
    control: str
    title: str
    counts: dict[str, int]


class Areas(Schema):
    """The areas of practice, control by control; of so many changes."""

    controls: list[CellShown]
    looked_through: int


@router.get("areas/", response={200: Areas, **REFUSED})
def areas(request: HttpRequest) -> Answer:
    """How the changes that are not done answer each control: measured, signed, waived, open, does not apply."""
    must(reader(request), "read")
    found = areas_of(reader(request))
    cells = [
        {
            "area": area.id,
            "control": cell.control.id,
            "title": str(cell.control.title),
            "counts": {kind: cell.counts[kind] for kind in KINDS},
        }
        for area, row in found["areas"]
        for cell in row
    ]
    return {"controls": cells, "looked_through": found["looked_through"]}


class ModelShown(Schema):
    """A change model with its digest, and whether it is approved as it is."""

    model: str
    title: str
    is_approved: bool
    by: str
    agreed_by: str
    went_back: list[str]


class Models(Schema):
    """Every change model."""

    models: list[ModelShown]


@router.get("models/", response={200: Models, **REFUSED})
def models(request: HttpRequest) -> Answer:
    """Change models and their approval."""
    must(reader(request), "read")
    return {
        "models": [
            {
                "model": model_name(one),
                "title": str(one.model.title),
                "is_approved": bool(found and found.holds),
                "by": found.by if found else "",
                "agreed_by": found.agreed_by if found else "",
                "went_back": list(found.went_back) if found else [],
            }
            for one, found in models_with_approval()
        ]
    }


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
    now = datetime.now(UTC)
    found = month_of(reader(request), asked.year or now.year, asked.month or now.month)
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


class WebhookAsked(Asked):
    """Where entries are sent, and of which kinds; all if none is named."""

    url: Short
    kinds: list[Short] = Field(default=[], max_length=100)


class WebhookShown(Schema):
    """An address that is sent entries; secret: shown once, when it is made."""

    number: int
    url: str
    kinds: list[str]
    delivered: int
    failures: int
    problem: str
    secret: str = ""


class Webhooks(Schema):
    """Every address that is sent entries."""

    webhooks: list[WebhookShown]


@router.get("webhooks/", response={200: Webhooks, **REFUSED})
def webhooks(request: HttpRequest) -> Answer:
    """Addresses that are sent what happens."""
    must(reader(request), "admin")
    return {"webhooks": [_webhook(row) for row in Webhook.objects.filter(ended_at=None)]}


@router.post("webhooks/", response={201: WebhookShown, **REFUSED})
def new_webhook(request: HttpRequest, asked: WebhookAsked) -> Answer:
    """One more address; its secret is told once."""
    known = reader(request)
    must(known, "admin")
    row = add_webhook(asked.url.strip(), asked.kinds, by=known.name, at=datetime.now(UTC), policy=allowed())
    return Status(201, {**_webhook(row), "secret": row.secret})


@router.delete("webhooks/{number}/", response={204: None, **REFUSED})
def no_webhook(request: HttpRequest, number: Annotated[int, Field(ge=0, le=2**62)]) -> Answer:
    """Nothing is sent there any more."""
    known = reader(request)
    must(known, "admin")
    end_webhook(number, by=known.name, at=datetime.now(UTC))
    return Status(204, None)


def _webhook(row: Webhook) -> dict[str, Any]:
    plain = {field: getattr(row, field) for field in ("url", "kinds", "delivered", "failures", "problem")}
    return {"number": row.pk, **plain}
