"""What scripts may ask of this engine."""

from unfelt.engines.ledger.api import areas, controls, records
from unfelt.web.frame.mounts import Mount

MOUNTS = (
    Mount("controls", "/changes/", controls.router, "changes"),
    Mount("records", "/", records.router, "house"),
    Mount("areas", "/", areas.router, "overviews"),
)
