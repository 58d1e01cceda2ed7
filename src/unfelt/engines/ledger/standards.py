"""The playbook and the programme that changes here are judged by."""

from dataclasses import dataclass
from pathlib import Path

from unfelt.conf.settings import settings
from unfelt.documents.load import load_playbook, programme_of
from unfelt.documents.playbook import Area, Control, Playbook
from unfelt.documents.programme import Programme


@dataclass(frozen=True, slots=True)
class Standards:
    """The playbook and the programme that changes here are judged by."""

    playbook: Playbook
    programme: Programme | None

    def control(self, name: str) -> tuple[Area, Control] | None:
        """The control of that name and its area."""
        for area in self.playbook.areas:
            for control in area.controls:
                if control.id == name:
                    return area, control
        return None


_kept: dict[tuple[tuple[str, float], ...], Standards] = {}


def standards() -> Standards:
    """Read again when one of the files was written again."""
    given = settings()
    files = [given.playbook, given.programme or Path("programme.yaml")]
    seen = tuple((str(file), file.stat().st_mtime) for file in files if file is not None and file.exists())
    if seen not in _kept:
        _kept.clear()
        _kept[seen] = Standards(
            load_playbook(given.playbook), programme_of(Path("change.yaml"), named=given.programme)
        )
    return _kept[seen]
