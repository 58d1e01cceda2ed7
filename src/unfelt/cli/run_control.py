"""unfelt run-control"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from unfelt.cli.failures import NO, UNDETERMINED, USAGE, Failure
from unfelt.cli.gating import refusing, subject_of
from unfelt.cli.session import Session, answering, session_options
from unfelt.cli.views.names import standing_name
from unfelt.conf.language import _


@click.command(
    help=_(
        "Let a program answer a control: its exit code, and its numbers beside the control's limits. The numbers "
        "are those of a JUnit file (tests, failures, skipped), of a JSON file, or of JSON on the last line of "
        "output; parts as fractions, times in seconds. What hangs or floods is stopped with everything it "
        "started, and was not run.\n\nExit code: 0 it passes, 1 it fails, 3 it was not run or says too little."
    )
)
@click.argument("control")
@click.argument("words", metavar="PROGRAM...", nargs=-1, required=True)
@click.option("--plan", "path", type=click.Path(path_type=Path), default="change.yaml", show_default=True)
@click.option(
    "--within", default="10m", show_default=True, metavar="DURATION", help=_("It is stopped after that.")
)
@click.option("--junit", type=click.Path(path_type=Path), help=_("The JUnit file that it writes."))
@click.option("--result", type=click.Path(path_type=Path), help=_("The JSON file that it writes."))
@click.option("--as", "renamed", multiple=True, metavar="NAME=FOUND", help=_("What a number is called there."))
@click.option("--playbook", type=click.Path(path_type=Path), help=_("Another playbook [UNFELT_PLAYBOOK]."))
@session_options
def command(
    session: Session,
    *,
    control: str,
    words: Sequence[str],
    path: Path,
    within: str,
    junit: Path | None,
    result: Path | None,
    renamed: Sequence[str],
    playbook: Path | None,
) -> None:
    """The program's answer is on record with its output."""
    from unfelt.cli.plan import read_option
    from unfelt.documents.units import parse_duration
    from unfelt.engines.gates.commands import concluded, numbers_in, run_program
    from unfelt.engines.gates.facts import Evidence, part_digests

    subject = subject_of(session, path, playbook)
    from unfelt.engines.gates.actions import add_evidence, must_take  # Models want the records open.

    asked, limit = subject.control(control), read_option("--within", within, parse_duration)
    with refusing():
        must_take(asked, "command")
    ran = run_program(words, within=limit)
    try:
        numbers = numbers_in(ran, junit=junit, result=result) if ran.code is not None else {}
    except (OSError, ValueError) as error:
        raise Failure(_("The result cannot be read: {error}").format(error=error), code=UNDETERMINED) from error
    for text in renamed:
        name, equals, source = text.partition("=")
        if not equals:
            raise Failure(_("--as {text}: write NAME=FOUND.").format(text=text), code=USAGE)
        if source in numbers:
            numbers[name] = numbers[source]
    verdict, said = concluded(asked, ran, numbers)
    at = datetime.now(UTC)
    evidence = Evidence(
        control=control,
        kind="command",
        verdict=verdict,
        found_at=at,
        parts=part_digests(subject.case.plan, asked.relies_on),
        why=said,
        by=words[0],
        numbers=numbers,
    )
    with refusing(), answering(session):
        number = add_evidence(subject.name, asked, evidence, revision=subject.revision, at=at, artefact=ran.output)
    told = _("{verdict}: {why}. On record as entry {number}.")
    click.echo(told.format(verdict=standing_name(verdict), why=said, number=number))
    raise click.exceptions.Exit({"pass": 0, "fail": NO}.get(verdict, UNDETERMINED))
