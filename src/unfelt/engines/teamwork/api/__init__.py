"""What scripts may ask of this engine."""

from unfelt.engines.teamwork.api import comments, hand_overs, inbox, models, reports, requests, webhooks
from unfelt.web.frame.mounts import Mount

MOUNTS = (
    Mount("comments", "/changes/", comments.router, "changes"),
    Mount("hand_overs", "/changes/", hand_overs.router, "changes"),
    Mount("reports", "/changes/", reports.router, "changes"),
    Mount("requests", "/", requests.router, "asking"),
    Mount("inbox", "/", inbox.router, "house"),
    Mount("models", "/", models.router, "overviews"),
    Mount("webhooks", "/", webhooks.router, "overviews"),
)
