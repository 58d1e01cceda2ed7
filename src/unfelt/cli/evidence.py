"""unfelt evidence"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.gating import plan_argument, playbook_option, put_on_record, refusing, subject_of, tell
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.playbook import Control


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
@plan_argument
@click.option("--kind", required=True, help=_("What sort of evidence: report, rows, answers, document, …"))
@click.option("--number", "numbers", multiple=True, metavar="NAME=VALUE", help=_("May be given again."))
@click.option(
    "--file", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=_("Kept with it.")
)
@click.option("--found", metavar="TIME", help=_("When it was found, with its zone [now]."))
@click.option("--why", default="", help=_("One sentence about it."))
@playbook_option
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
    from unfelt.engines.ledger.gates.commands import read_small
    from unfelt.engines.ledger.gates.decide import verdict_of

    subject = subject_of(session, path, playbook)
    asked = subject.control(control)
    if kind == "sign-off":
        raise Failure(_("A signature is given by: unfelt sign"), code=USAGE)
    given = dict(_number(text, asked) for text in numbers)
    verdict, said = verdict_of(asked, given)
    with refusing():
        content = None if file is None else read_small(file)
    number = put_on_record(
        session,
        subject,
        asked,
        kind=kind,
        verdict=verdict,
        why=why or said,
        found_at=_time(found) if found else None,
        numbers=given,
        artefact=content,
    )
    tell(verdict, said, number)


def _number(text: str, control: "Control") -> tuple[str, float]:
    """A name and its number, in the unit of the control's limit of that name."""
    from unfelt.documents.playbook import parse_limit
    from unfelt.documents.refusal import RefusalError

    name, equals, value = text.partition("=")
    if not equals:
        said = _("--number {text}: write NAME=VALUE, such as delivered=98.5%.")
        raise Failure(said.format(text=text), code=USAGE)
    try:
        found = parse_limit(f"<= {value.strip()}")
    except RefusalError as error:
        raise Failure(f"--number {text!r}: {error}", code=USAGE) from error
    limit = control.limits.get(name.strip())
    if limit is not None and limit.unit != found.unit:
        said = _("--number {text}: its limit is {limit}, and this number has another unit.")
        raise Failure(said.format(text=text, limit=limit), code=USAGE)
    return name.strip(), found.value


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(_("--found {text} is no time.").format(text=text), code=USAGE) from error
    if time.tzinfo is None:
        raise Failure(_("--found {text} has no zone: add one such as Z or +08:00.").format(text=text), code=USAGE)
    return time.astimezone(UTC)
