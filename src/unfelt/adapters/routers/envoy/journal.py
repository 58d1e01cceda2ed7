"""Who the keeper and its Envoy are, so that the next one can take them over."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from unfelt.adapters.routers.envoy import admin
from unfelt.adapters.routers.envoy.place import Place, read
from unfelt.adapters.routers.envoy.processes import Known, known

JOURNAL_BYTES = 512
NOBODY = Known(0, "")
"""A process that is known not to run."""


@dataclass(frozen=True, slots=True)
class Journal:
    """Who the keeper and its Envoy are."""

    keeper: Known
    envoy: Known
    again: int
    """How often Envoy has been started again."""


def read_journal(place: Place) -> Journal | None:
    """The last journal; None where there is none. Of a damaged one Envoy itself says who it is."""
    try:
        kept = read(place.journal)
        return None if kept is None else _journal(kept)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Journal(NOBODY, known(admin.process(place.admin)) or NOBODY, 0)


def _journal(kept: dict[str, Any]) -> Journal:
    keeper, envoy = (Known(int(one["pid"]), str(one["started"])) for one in (kept["keeper"], kept["envoy"]))
    return Journal(keeper, envoy, int(kept["again"]))


def write_journal(place: Place, journal: Journal) -> None:
    """The journal is kept, in the room it already has: a full disk does not matter."""
    place.journal.touch(mode=0o600)
    with place.journal.open("r+b") as file:
        file.write(json.dumps(asdict(journal)).ljust(JOURNAL_BYTES).encode())
