"""Who the keeper and its Envoy are, so that the next one can take them over."""

import json
from dataclasses import asdict, dataclass

from unfelt.adapters.routers.envoy.place import Place, read
from unfelt.adapters.routers.envoy.processes import Known

JOURNAL_BYTES = 512


@dataclass(frozen=True, slots=True)
class Journal:
    """Who the keeper and its Envoy are."""

    keeper: Known
    envoy: Known
    again: int
    """How often Envoy has been started again."""


def read_journal(place: Place) -> Journal | None:
    """The last journal; None where there is none."""
    kept = read(place.journal)
    if kept is None:
        return None
    return Journal(Known(**kept["keeper"]), Known(**kept["envoy"]), kept["again"])


def write_journal(place: Place, journal: Journal) -> None:
    """The journal is kept, in the room it already has: a full disk does not matter."""
    place.journal.touch(mode=0o600)
    with place.journal.open("r+b") as file:
        file.write(json.dumps(asdict(journal)).ljust(JOURNAL_BYTES).encode())
