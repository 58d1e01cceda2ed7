"""What scripts may ask of this engine."""

from unfelt.engines.planning.api import changes, overviews
from unfelt.web.frame.mounts import Mount

MOUNTS = (
    Mount("changes", "/changes/", changes.router, "changes"),
    Mount("plans", "/", overviews.router, "overviews"),
)
