"""Addresses that are sent what happens, for scripts."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from unfelt.adapters.http import allowed
from unfelt.engines.asked import Number
from unfelt.engines.people.access import must
from unfelt.engines.teamwork.asked import WebhookAsked
from unfelt.engines.teamwork.webhooks import add_webhook, end_webhook
from unfelt.records.models import Webhook
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


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
    row = add_webhook(asked.url, asked.kinds, by=known.name, at=now_of(request), policy=allowed())
    return Status(201, {**_webhook(row), "secret": row.secret})


@router.delete("webhooks/{number}/", response={204: None, **REFUSED})
def no_webhook(request: HttpRequest, number: Number) -> Answer:
    """Nothing is sent there any more."""
    known = reader(request)
    must(known, "admin")
    end_webhook(number, by=known.name, at=now_of(request))
    return Status(204, None)


def _webhook(row: Webhook) -> dict[str, Any]:
    plain = {field: getattr(row, field) for field in ("url", "kinds", "delivered", "failures", "problem")}
    return {"number": row.pk, **plain}
