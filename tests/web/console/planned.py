"""Changes on record, as small as a plan can be."""

from datetime import UTC, datetime
from typing import Any

from unfelt.documents.change import Change
from unfelt.documents.revision import revise
from unfelt.engines.ledger.actions import keep_plan


def a_change(
    name: str, *, at: datetime | None = None, sections: dict[str, Any] | None = None, **subject: Any
) -> str:
    """A change of that name is on record; subject: of `change`, such as its team."""
    plan = {
        "unfelt": 1,
        "change": {"id": name, "title": "T", "owner": "somebody", "tier": "normal", **subject},
        "experience": {"customer": "cookie:u", "metrics": [{"id": "f", "bad": "status >= 500", "margin": "1%"}]},
        "guard": {"impact_budget": "40 customers"},
        **(sections or {}),
    }
    written = revise(Change.model_validate(plan))
    keep_plan(name=name, digest=written.digest, document=written.canonical, at=at or datetime.now(UTC))
    return name
