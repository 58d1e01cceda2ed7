"""What the commands about gates have in common: the change, its playbook, and what is on record for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import NO, UNDETERMINED, USAGE, Failure
from unfelt.cli.session import Session, answering
from unfelt.cli.views.names import standing_name
from unfelt.conf.language import Message, _

if TYPE_CHECKING:
    from unfelt.documents.change import Change
    from unfelt.documents.playbook import Control, Playbook
    from unfelt.engines.ledger.gates.decide import Case, Evaluation
    from unfelt.engines.ledger.gates.facts import Verdict

playbook_option = click.option(
    "--playbook", type=click.Path(path_type=Path), help=_("Another playbook [UNFELT_PLAYBOOK].")
)
plan_argument = click.argument(
    "path", metavar="[CHANGE.YAML]", type=click.Path(path_type=Path), default="change.yaml"
)


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
        from unfelt.engines.ledger.gates.actions import control_of

        with refusing():
            return control_of(self.playbook, name)

    def evaluated(self, session: Session) -> "Evaluation":
        """Every gate by what is on record."""
        from unfelt.engines.ledger.gates.actions import evaluated

        with answering(session):
            return evaluated(self.change, self.playbook, now=self.case.now)


def subject_of(session: Session, path: Path, playbook: Path | None) -> Subject:
    """The change in the file and its playbook; the records are open afterwards."""
    from unfelt.conf.settings import settings
    from unfelt.documents.load import load_change, load_playbook
    from unfelt.documents.revision import revise

    change, controls = load_change(path), load_playbook(playbook or settings().playbook)
    session.connect()
    from unfelt.engines.ledger.gates.actions import case_of  # Models want the records open.

    return Subject(change, controls, revise(change).digest, case_of(change, now=datetime.now(UTC)))


def put_on_record(
    session: Session,
    subject: Subject,
    control: "Control",
    *,
    kind: str,
    verdict: "Verdict",
    why: str | Message,
    found_at: datetime | None = None,
    by: str = "",
    numbers: Mapping[str, float] | None = None,
    artefact: bytes | None = None,
) -> int:
    """The number of the entry: evidence about the plan as it is, found now if nothing else is said."""
    from unfelt.engines.ledger.gates.actions import add_evidence
    from unfelt.engines.ledger.gates.facts import Evidence, part_digests

    now = datetime.now(UTC)
    evidence = Evidence(
        control=control.id,
        kind=kind,  # type: ignore[arg-type]  # Refused where the control does not take it.
        verdict=verdict,
        found_at=found_at or now,
        parts=part_digests(subject.case.plan, control.relies_on),
        why=why,
        by=by,
        numbers=numbers or {},
    )
    with refusing(), answering(session):
        return add_evidence(subject.name, control, evidence, revision=subject.revision, at=now, artefact=artefact)


def tell(verdict: "Verdict", why: Message, number: int) -> None:
    """The verdict in a sentence, and as the exit code."""
    told = _("{verdict}: {why}. On record as entry {number}.")
    click.echo(told.format(verdict=standing_name(verdict), why=why, number=number))
    raise click.exceptions.Exit({"pass": 0, "fail": NO}.get(verdict, UNDETERMINED))


@contextmanager
def refusing(code: int = USAGE) -> Iterator[None]:
    """Within the block, what a control or the ledger does not take ends the command in a sentence."""
    from unfelt.engines.ledger.gates.facts import GateError

    try:
        yield
    except GateError as error:
        raise Failure(error.message, code=code) from error
