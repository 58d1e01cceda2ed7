"""What the commands about gates have in common: the change, its playbook, and what is on record for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.session import Session, answering

if TYPE_CHECKING:
    from unfelt.documents.change import Change
    from unfelt.documents.playbook import Control, Playbook
    from unfelt.engines.gates.decide import Case, Evaluation


@dataclass(frozen=True)
class Subject:
    """A change under its playbook, at one moment."""

    change: "Change"
    playbook: "Playbook"
    revision: str
    case: "Case"

    @property
    def name(self) -> str:
        """Of the change."""
        return self.change.change.id

    def control(self, name: str) -> "Control":
        """The control of that name."""
        from unfelt.engines.gates.actions import control_of

        with refusing():
            return control_of(self.playbook, name)

    def evaluated(self, session: Session) -> "Evaluation":
        """Every gate by what is on record."""
        from unfelt.engines.gates.actions import evaluated

        with answering(session):
            return evaluated(self.change, self.playbook, now=self.case.now)


def subject_of(session: Session, path: Path, playbook: Path | None) -> Subject:
    """The change in the file and its playbook; the records are open afterwards."""
    from unfelt.conf.settings import settings
    from unfelt.documents.load import load_change, load_playbook
    from unfelt.documents.revision import revise

    change, controls = load_change(path), load_playbook(playbook or settings().playbook)
    session.connect()
    from unfelt.engines.gates.actions import case_of  # Models want the records open.

    return Subject(change, controls, revise(change).digest, case_of(change, now=datetime.now(UTC)))


@contextmanager
def refusing() -> Iterator[None]:
    """Within the block, what a control or the ledger does not take ends the command in a sentence."""
    from unfelt.engines.gates.actions import GateError

    try:
        yield
    except GateError as error:
        raise Failure(error.message, code=USAGE) from error
