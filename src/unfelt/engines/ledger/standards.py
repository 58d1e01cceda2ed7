"""The playbook, the programme and the catalog that changes here are judged by."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from unfelt.conf.settings import settings
from unfelt.documents.catalog import Catalog
from unfelt.documents.load import load_catalog, load_playbook, programme_of
from unfelt.documents.playbook import Area, Control, Playbook
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.programme import Programme


@dataclass(frozen=True, slots=True)
class Standards:
    """The playbook, the programme and the catalog that changes are judged by."""

    playbook: Playbook
    programme: Programme | None = None
    catalog: Catalog | None = None

    def control(self, name: str) -> tuple[Area, Control] | None:
        """The control of that name and its area."""
        for area in self.playbook.areas:
            for control in area.controls:
                if control.id == name:
                    return area, control
        return None


_kept: dict[tuple[tuple[str, float], ...], Standards] = {}
HERE = Path("change.yaml")
"""The catalog and the programme lie where the console was begun, as beside a plan in a file."""


def standards() -> Standards:
    """Those of this place; read again when one of the files was written again."""
    given = settings()
    files = [given.playbook, given.programme or Path("programme.yaml"), catalog_beside(HERE)]
    seen = tuple((str(file), file.stat().st_mtime) for file in files if file is not None and file.exists())
    if seen not in _kept:
        _kept.clear()
        _kept[seen] = standards_of(HERE)
    return _kept[seen]


def standards_of(plan: Path, *, playbook: Path | None = None) -> Standards:
    """Those of a plan in a file: the playbook and programme of the settings, the catalog beside the plan.

    A catalog that does not hold is none: `unfelt check` says why.
    """
    given = settings()
    controls, programme = load_playbook(playbook or given.playbook), programme_of(plan, named=given.programme)
    return Standards(controls, programme, catalog_of(plan))


def catalog_of(plan: Path = HERE) -> Catalog | None:
    """The catalog beside the plan, as it stands; None where there is none, or it does not hold."""
    file = catalog_beside(plan)
    try:
        return _catalog(file.resolve(), file.stat().st_mtime_ns)
    except (OSError, DocumentErrors):
        return None


@lru_cache(maxsize=4)
def _catalog(file: Path, _written: int) -> Catalog:
    return load_catalog(file)


def catalog_beside(plan: Path) -> Path:
    """Where the catalog lies."""
    return plan.parent / "catalog.yaml"
