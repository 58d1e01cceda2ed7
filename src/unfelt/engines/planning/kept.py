"""Plans on record as documents."""

import json
from collections.abc import Iterable
from contextlib import suppress

from pydantic import ValidationError

from unfelt.documents.change import Change
from unfelt.documents.revision import restored
from unfelt.records.models import ChangeRow


def plans_of(rows: Iterable[ChangeRow]) -> dict[str, Change]:
    """The newest plan of each; one that this version cannot read any more is left out."""
    found: dict[str, Change] = {}
    for row in rows:
        with suppress(ValidationError, ValueError):
            found[row.name] = restored(json.loads(row.revision.canonical))
    return found
