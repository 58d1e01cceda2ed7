"""unfelt run-control"""

from collections.abc import Sequence
from pathlib import Path

import click

from unfelt.cli.failures import UNDETERMINED, USAGE, Failure
from unfelt.cli.gating import playbook_option, put_on_record, refusing, subject_of, tell
from unfelt.cli.session import Session, session_options
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
@playbook_option
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
    from unfelt.engines.ledger.gates.commands import concluded, numbers_in, run_program

    names = dict(_renamed(text) for text in renamed)
    limit = read_option("--within", within, parse_duration)
    subject = subject_of(session, path, playbook)
    from unfelt.engines.ledger.gates.actions import must_take  # Models want the records open.

    asked = subject.control(control)
    with refusing():
        must_take(asked, "command")
    ran = run_program(words, within=limit)
    with refusing(UNDETERMINED):
        found = numbers_in(ran, junit=junit, result=result) if ran.code is not None else {}
    numbers = found | {name: found[source] for name, source in names.items() if source in found}
    verdict, said = concluded(asked, ran, numbers)
    number = put_on_record(
        session,
        subject,
        asked,
        kind="command",
        verdict=verdict,
        why=said,
        by=words[0],
        numbers=numbers,
        artefact=ran.output,
    )
    tell(verdict, said, number)


def _renamed(text: str) -> tuple[str, str]:
    name, equals, source = text.partition("=")
    if not equals:
        raise Failure(_("--as {text}: write NAME=FOUND.").format(text=text), code=USAGE)
    return name, source
