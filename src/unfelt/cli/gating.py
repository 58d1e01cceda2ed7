"""What the commands about gates have in common: the change, its playbook, and what is on record for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import NO, UNDETERMINED, USAGE, Failure
from unfelt.cli.session import Session, answering, say_if_mission
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.change import Change
    from unfelt.documents.playbook import Control, Playbook
    from unfelt.documents.programme import Programme
    from unfelt.engines.ledger.gates.actions import Recorded
    from unfelt.engines.ledger.gates.drafting import About, Correction
    from unfelt.engines.ledger.gates.standing import Case, Evaluation
    from unfelt.engines.ledger.kinds import Judged
    from unfelt.engines.ledger.payload import Payload
    from unfelt.engines.ledger.standards import Standards

playbook_option = click.option(
    "--playbook", type=click.Path(path_type=Path), help=_("Another playbook [UNFELT_PLAYBOOK].")
)
plan_argument = click.argument(
    "path", metavar="[CHANGE.YAML]", type=click.Path(path_type=Path), default="change.yaml"
)


json_option = click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for machines."))
plan_digest_option = click.option(
    "--plan-digest",
    metavar="DIGEST",
    help=_("Refused unless the plan has this digest (`unfelt check --json`): that of the plan it was found for."),
)


record_option = click.option(
    "--record", "record", metavar="CONTROL", help=_("Put what it says on record, as evidence for this control.")
)


@dataclass(frozen=True)
class Subject:
    """A change or a programme under its playbook, at one moment."""

    document: "Change | Programme"
    about: "About"
    place: "Standards"
    now: datetime
    path: Path

    @property
    def playbook(self) -> "Playbook":
        """What it is judged by."""
        return self.place.playbook

    @property
    def change(self) -> "Change":
        """The change; a programme has no gates and ends the command."""
        from unfelt.documents.change import Change

        if not isinstance(self.document, Change):
            said = _("{file} is a programme; this command is about a change.")
            raise Failure(said.format(file=self.path), code=USAGE)
        return self.document

    def must_be(self, digest: str | None) -> None:
        """Ends the command where the plan has another digest (its first twelve digits are enough)."""
        if digest is not None and (len(digest) < 12 or not self.about.revision.startswith(digest.lower())):
            said = _(
                "The plan is another one now: {now}, and not {digest}. Evidence for an old plan is not taken."
            )
            raise Failure(said.format(now=self.about.revision, digest=digest), code=USAGE)

    @property
    def case(self) -> "Case":
        """As it is decided on."""
        from unfelt.engines.ledger.gates.reading import case_of
        from unfelt.engines.ledger.gates.tiers import unagreed

        return case_of(self.change, self.playbook, now=self.now, lowered=unagreed(self.change))

    def control(self, name: str) -> "Control":
        """The control of that name."""
        from unfelt.engines.ledger.gates.actions import control_of

        with refusing():
            return control_of(self.playbook, name)

    def evaluated(self, session: Session) -> "Evaluation":
        """Every gate by what is on record."""
        from unfelt.engines.ledger.gates.reading import evaluated
        from unfelt.engines.ledger.gates.rollouts import note_rollouts
        from unfelt.engines.ledger.gates.tiers import unagreed

        with answering(session):
            note_rollouts(self.change.change.id, self.playbook)
            lowered = unagreed(self.change)
            return evaluated(self.change, self.place, now=self.now, lowered=lowered)


def subject_of(session: Session, path: Path, playbook: Path | None) -> Subject:
    """The change or programme in the file and its playbook; the records are open afterwards."""
    from unfelt.documents.load import load_change, load_other
    from unfelt.documents.programme import Programme
    from unfelt.engines.ledger.standards import standards_of

    other, place = load_other(path), standards_of(path, playbook=playbook)
    document = other if isinstance(other, Programme) else load_change(path)
    session.connect()
    with answering(session):
        say_if_mission()
    from unfelt.engines.ledger.gates.drafting import About  # Models want the records open.
    from unfelt.records.business_time import business_now

    about = About.programme(document) if isinstance(document, Programme) else About.change(document)
    return Subject(document, about, place, business_now(), path)


def put_on_record(
    session: Session,
    subject: Subject,
    control: "Control",
    payload: "Payload",
    *,
    found_at: datetime | None = None,
    by: str = "",
    why: str = "",
    artefact: bytes | None = None,
    beside: tuple[bytes, ...] = (),
    corrects: "Correction | None" = None,
) -> "Recorded":
    """The evidence is on record: about the plan as it is, found now if nothing else is said."""
    from unfelt.engines.ledger.gates.actions import add_evidence
    from unfelt.records.business_time import business_now

    with refusing(), answering(session):
        return add_evidence(
            subject.about,
            control,
            payload,
            at=business_now(),
            found_at=found_at,
            by=by,
            why=why,
            artefact=artefact,
            beside=beside,
            corrects=corrects,
        )


def note_judgement(session: Session, path: Path, control: str, found: "Judged") -> None:
    """What the guard says of the change in the file is evidence for the control; a sentence on standard error."""
    subject = subject_of(session, path, None)
    asked = subject.control(control)
    recorded = put_on_record(session, subject, asked, found)
    click.echo(told(recorded), err=True)


def write_page(report: Path, subject: Subject, found: "Evaluation") -> None:
    """The gates as a page in that file, and where it is on standard error."""
    from unfelt.web.printed.gates import gates_page

    report.write_text(gates_page(subject.change, subject.playbook, subject.case, found), encoding="utf-8")
    click.echo(_("The page is in {report}.").format(report=report), err=True)


def told(recorded: "Recorded") -> str:
    """What became of it, in a sentence."""
    from unfelt.engines.ledger.origins import LABELS
    from unfelt.engines.ledger.phrases import standing_name

    sentence = _("{verdict}: {why}. On record as entry {number}, {origin}.")
    said = sentence.format(
        verdict=standing_name(recorded.verdict),
        why=recorded.why,
        number=recorded.number,
        origin=LABELS[recorded.origin],
    )
    if recorded.is_enough:
        return said
    weak = _("It opens no gate: the control takes what is at least {least}.").format(least=LABELS[recorded.least])
    return f"{said} {weak}"


def tell_entry(number: int, *, as_json: bool) -> None:
    """Which entry of the ledger it is, in a sentence or as JSON."""
    said = json.dumps({"entry": number}) if as_json else _("On record as entry {number}.").format(number=number)
    click.echo(said)


def exit_code(verdict: str) -> int:
    """0 passed, 1 failed, 3 could not be determined."""
    return {"pass": 0, "fail": NO}.get(verdict, UNDETERMINED)


def tell(recorded: "Recorded", *, as_json: bool) -> None:
    """The verdict in a sentence or as JSON, and as the exit code."""
    if as_json:
        plain = {
            "verdict": recorded.verdict,
            "why": str(recorded.why),
            "entry": recorded.number,
            "origin": recorded.origin,
            "is_enough": recorded.is_enough,
        }
        click.echo(json.dumps(plain, ensure_ascii=False))
    else:
        click.echo(told(recorded))
    code = exit_code(recorded.verdict)
    raise click.exceptions.Exit(code if code or recorded.is_enough else UNDETERMINED)


@contextmanager
def refusing(code: int = USAGE) -> Iterator[None]:
    """Within the block, what a control or the ledger does not take ends the command in a sentence."""
    from unfelt.engines.asked import AskedError
    from unfelt.engines.ledger.gates.facts import GateError

    try:
        yield
    except (GateError, AskedError) as error:
        raise Failure(error.message, code=code) from error
