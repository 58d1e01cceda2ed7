"""Where one installation keeps things."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Where one installation keeps what belongs to a rollout."""

    home: Path

    def router(self, listen: str) -> Path:
        """One router for each address it listens on, whatever change it serves."""
        return self.home / "routers" / listen.replace(":", "-")

    @property
    def keys(self) -> Path:
        """The keys that sign for the ledger."""
        return self.home / "keys"

    def experience(self, rollout_id: str) -> Path:
        """What customers met."""
        return self.home / "rollouts" / rollout_id / "experience"

    def lock(self, change: str) -> Path:
        """Held by the one guard of a change."""
        return self.home / "changes" / change / "guard.lock"

    def note(self, rollout_id: str) -> Path:
        """Where the router of a rollout under way is, in a file: going back asks no database."""
        return self.home / "rollouts" / rollout_id / "router.json"

    def remember(self, rollout_id: str, *, change: str, directory: str, team: str = "") -> None:
        """The rollout is under way, at that router; it is that team's, or everybody's."""
        note = self.note(rollout_id)
        note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = note.with_suffix(".draft")
        said = {"rollout": rollout_id, "change": change, "router": directory, "team": team}
        draft.write_text(json.dumps(said))
        draft.replace(note)

    def forget(self, rollout_id: str) -> None:
        """The rollout has ended."""
        self.note(rollout_id).unlink(missing_ok=True)

    def under_way(self, name: str | None = None) -> list[Mapping[str, str]]:
        """`rollout`, `change` and `router` of each rollout under way, or of the one with that id or change."""
        paths = sorted((self.home / "rollouts").glob("*/router.json"))
        notes = [note for path in paths if (note := _note(path)) is not None]
        return [note for note in notes if name in (None, note["rollout"], note["change"])]


def _note(path: Path) -> Mapping[str, str] | None:
    """None where the note was edited or torn: then the records say which router it was."""
    try:
        said = json.loads(path.read_text())
    except (ValueError, RecursionError):
        return None
    needed = ("rollout", "change", "router")
    return said if isinstance(said, dict) and all(isinstance(said.get(key), str) for key in needed) else None
