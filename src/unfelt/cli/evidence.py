"""unfelt evidence"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from unfelt.cli.failures import NO, UNDETERMINED, USAGE, Failure
from unfelt.cli.gating import refusing, subject_of
from unfelt.cli.session import Session, answering, session_options
from unfelt.cli.views.names import standing_name
from unfelt.conf.language import _

LARGEST = 20_000_000
"""Bytes of an artefact, at most."""


@click.group("evidence", help=_("Evidence for the controls of a change."))
def command() -> None:
    """The commands below."""


@command.command(
    "add",
    help=_(
        "Bring a result from elsewhere: numbers beside the control's limits decide. Numbers carry their unit "
        "(`--number delivered=98.5%`). Exit code: 0 it passes, 1 it fails, 3 it does not say enough."
    ),
)
@click.argument("control")
@click.argument("path", metavar="[CHANGE.YAML]", type=click.Path(path_type=Path), default="change.yaml")
@click.option("--kind", required=True, help=_("What sort of evidence: report, rows, answers, document, …"))
@click.option("--number", "numbers", multiple=True, metavar="NAME=VALUE", help=_("May be given again."))
@click.option(
    "--file", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=_("Kept with it.")
)
@click.option("--found", metavar="TIME", help=_("When it was found, with its zone [now]."))
@click.option("--why", default="", help=_("One sentence about it."))
@click.option("--playbook", type=click.Path(path_type=Path), help=_("Another playbook [UNFELT_PLAYBOOK]."))
@session_options
def add(
    session: Session,
    *,
    control: str,
    path: Path,
    kind: str,
    numbers: Sequence[str],
    file: Path | None,
    found: str | None,
    why: str,
    playbook: Path | None,
) -> None:
    """The verdict follows from the numbers; nobody writes it down."""
    from unfelt.engines.gates.decide import verdict_of
    from unfelt.engines.gates.facts import Evidence, part_digests

    subject = subject_of(session, path, playbook)
    from unfelt.engines.gates.actions import add_evidence  # Models want the records open.

    asked, now = subject.control(control), subject.case.now
    if kind == "sign-off":
        raise Failure(_("A signature is given by: unfelt sign"), code=USAGE)
    given = dict(_number(text) for text in numbers)
    verdict, said = verdict_of(asked, given)
    content = _content(file)
    evidence = Evidence(
        control=control,
        kind=kind,  # type: ignore[arg-type]  # Refused below where the control does not take it.
        verdict=verdict,
        found_at=_time(found) if found else now,
        parts=part_digests(subject.case.plan, asked.relies_on),
        why=why or said,
        numbers=given,
    )
    with refusing(), answering(session):
        number = add_evidence(subject.name, asked, evidence, revision=subject.revision, at=now, artefact=content)
    told = _("{verdict}: {why}. On record as entry {number}.")
    click.echo(told.format(verdict=standing_name(verdict), why=said, number=number))
    raise click.exceptions.Exit({"pass": 0, "fail": NO}.get(verdict, UNDETERMINED))


def _number(text: str) -> tuple[str, float]:
    from unfelt.documents.playbook import parse_limit
    from unfelt.documents.refusal import RefusalError

    name, equals, value = text.partition("=")
    if not equals:
        said = _("--number {text}: write NAME=VALUE, such as delivered=98.5%.")
        raise Failure(said.format(text=text), code=USAGE)
    try:
        return name.strip(), parse_limit(f"<= {value.strip()}").value
    except RefusalError as error:
        raise Failure(f"--number {text!r}: {error}", code=USAGE) from error


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(_("--found {text} is no time.").format(text=text), code=USAGE) from error
    if time.tzinfo is None:
        raise Failure(_("--found {text} has no zone: add one such as Z or +08:00.").format(text=text), code=USAGE)
    return time.astimezone(UTC)


def _content(file: Path | None) -> bytes | None:
    if file is None:
        return None
    if file.stat().st_size > LARGEST:
        said = _("{file} is too large to be kept: {size} bytes, and {most} are allowed.")
        raise Failure(said.format(file=file, size=file.stat().st_size, most=LARGEST), code=USAGE)
    return file.read_bytes()
