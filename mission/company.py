"""What every act of the mission shares: the stage, the truth, the players, and the plan as it is now."""

import hashlib
import json
import string
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mission.players import Player
from mission.stage import CHANGE, EXAMPLES, PlayError, Stage

BEFORE = timedelta(days=14)
"""From the plan to its window."""
WAITING = {
    "planning.resources": "bookings over all changes",
    "communication.customers": "notices",
    "communication.in_flight": "the desk",
    "training.change_support": "the desk",
    "optimisation.collect": "surveys",
    "optimisation.analysis": "signals",
    "optimisation.proposal": "improvements",
    "compliance.training": "courses",
    "security.incident": "the unannounced page",
    "cost.monitoring": "actual costs",
    "cost.optimisation": "actual costs",
    "cost.report": "receipts of reports",
    "team.training": "drills by person",
    "quality.audit": "audits",
    "satisfaction.survey": "surveys",
    "satisfaction.analysis": "surveys",
    "satisfaction.raise": "the desk",
    "support.team": "the roster",
    "support.channels": "synthetic cases",
    "support.training": "courses",
    "support.feedback": "surveys",
    "brand.communicate": "notices",
    "social.practice": "energy and accessibility of both versions",
}
"""Controls that gates ask for, and the engine that will answer each: until then two people let it pass."""
MOST_WAIVED = 23
"""So many and no more: an engine that comes takes its lines out of WAITING, and this number falls with it."""


@dataclass
class Company:
    """The mission as it goes on."""

    stage: Stage
    seed: int
    truth: dict[str, Any]
    born: float = field(default_factory=time.monotonic)
    people: dict[str, Player] = field(default_factory=dict)
    window: tuple[datetime, datetime] | None = None
    ahead: timedelta | None = None
    """How far business time is ahead of the machine's."""
    budget: int = 60
    estimates: list[tuple[str, str, str]] = field(default_factory=list)
    """What was estimated beside what was true: what, estimate, truth."""
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Where every control stood, by moment of the mission."""

    def say(self, sentence: str) -> None:
        """A line for who watches."""
        print(f"[{time.monotonic() - self.born:5.0f} s] {sentence}", flush=True)

    @property
    def now(self) -> datetime:
        """The business time: as the store showed it at first, and with the steps since."""
        return datetime.now(UTC) + self._ahead()

    def _ahead(self) -> timedelta:
        if self.ahead is None:
            shown = self.stage.unfelt("mission", "show", "--json").json["now"]
            self.ahead = datetime.fromisoformat(shown) - datetime.now(UTC)
        return self.ahead

    def step(self, length: timedelta) -> None:
        """The business clock goes forward by so many whole seconds."""
        whole = timedelta(seconds=round(length.total_seconds()))
        self.ahead = self._ahead() + whole
        self.stage.unfelt("mission", "step", f"{round(whole.total_seconds())}s")

    def until(self, then: datetime) -> None:
        """It shows that time."""
        left = then - self.now
        if left > timedelta(seconds=1):
            self.step(left)

    def write_plan(self, *, adjusted: str = "") -> str:
        """The plan as it is now, in the file."""
        given = {name: str(port) for name, port in self.stage.ports.items()}
        start, end = self.window or (datetime.now(UTC), datetime.now(UTC))
        text = string.Template((Path(__file__).parent / "organisation" / "split.yaml").read_text()).substitute(
            **given,
            CANDIDATE=candidate(),
            BUDGET=str(self.budget),
            FROM=f"{start:%Y-%m-%dT%H:%MZ}",
            TO=f"{end:%Y-%m-%dT%H:%MZ}",
        )
        text += adjusted
        (self.stage.place / "split.yaml").write_text(text)
        return text

    def check_states(self, moment: str) -> dict[str, str]:
        """State by control, kept under that moment."""
        found = self.stage.gates()
        self.states[moment] = {one["control"]: one for one in found["controls"]}
        return {one["control"]: one["state"] for one in found["controls"]}

    def revision(self, player: Player) -> str:
        """The digest of the plan that stands, as the API says."""
        return str(player.ask("GET", f"changes/{CHANGE}/acknowledgements/")["revision"])


def candidate() -> str:
    """What `new` runs: the files of the shop, by their digest."""
    files = sorted((EXAMPLES / "shop").glob("*.py"))
    whole = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files))
    return f"shop@sha256:{whole.hexdigest()}"


def must(holds: bool, sentence: str) -> None:
    """The mission ends where it does not."""
    if not holds:
        raise PlayError(sentence)


def written(place: Path, what: object) -> None:
    """The file holds it as JSON."""
    place.write_text(json.dumps(what, indent=1, ensure_ascii=False) + "\n")
