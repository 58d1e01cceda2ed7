"""The areas of practice over all changes, for scripts."""

from django.http import HttpRequest
from ninja import Router, Schema

from unfelt.engines.ledger.gates.compliance import KINDS
from unfelt.engines.people.access import must
from unfelt.queries.overview import areas_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


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
    found = areas_of(reader(request), now_of(request))
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
