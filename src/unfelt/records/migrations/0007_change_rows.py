"""Every change on record is found by its newest plan."""

import json
from datetime import datetime
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _derived(document: str) -> dict[str, Any]:
    """What a change was found by then: later columns are filled by their own migrations."""
    plan = json.loads(document)
    said, window = plan.get("change", {}), plan.get("window") or {}
    title = said.get("title") or ""
    return {
        "title": title if isinstance(title, str) else str(title.get("en", "")),
        **{name: said.get(name) or "" for name in ("owner", "team")},
        "tier": "emergency" if said.get("emergency") else said.get("tier") or "normal",
        "starts": datetime.fromisoformat(window["from"]) if window else None,
        "ends": datetime.fromisoformat(window["to"]) if window else None,
    }


def derive(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """One row for each."""
    revisions = apps.get_model("records", "Revision").objects.filter(kind="change").order_by("saved_at")
    rows = apps.get_model("records", "ChangeRow").objects
    for revision in revisions.iterator():
        rows.update_or_create(
            name=revision.name,
            defaults={
                **_derived(revision.canonical),
                "revision_id": revision.digest,
                "saved_at": revision.saved_at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("records", "0006_members")]
    operations = [migrations.RunPython(derive, migrations.RunPython.noop)]
