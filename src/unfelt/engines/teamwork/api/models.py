"""Change models, for scripts."""

from django.http import HttpRequest
from ninja import Router, Schema

from unfelt.engines.ledger.gates.models import model_name
from unfelt.engines.people.access import must
from unfelt.queries.overview import models_with_approval
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


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
