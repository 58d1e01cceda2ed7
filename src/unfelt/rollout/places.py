"""Where one installation keeps things."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Where one installation keeps what belongs to a rollout."""

    home: Path

    def router(self, listen: str) -> Path:
        """One router for each address it listens on, whatever change it serves."""
        return self.home / "routers" / listen.replace(":", "-")

    def experience(self, rollout_id: str) -> Path:
        """What customers met."""
        return self.home / "rollouts" / rollout_id / "experience"

    def lock(self, rollout_id: str) -> Path:
        """Held by the one guard of a rollout."""
        return self.home / "rollouts" / rollout_id / "guard.lock"
