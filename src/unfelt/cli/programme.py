"""unfelt programme"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import NO
from unfelt.cli.gating import json_option
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.engines.ledger.gates.calendar import Due


@click.command(
    help=_(
        "The calendar of recurring work: what is overdue, what is due soon, what is fresh. Put on record what was "
        "done: unfelt evidence add CONTROL programme.yaml. Exit code: 0 nothing is overdue, 1 something is."
    )
)
@click.argument("path", metavar="[PROGRAMME.YAML]", type=click.Path(path_type=Path), default="programme.yaml")
@json_option
@session_options
def command(session: Session, *, path: Path, as_json: bool) -> None:
    """Every item, the most pressing first."""
    from unfelt.documents.load import load_programme

    programme = load_programme(path)
    session.connect()
    from unfelt.engines.ledger.gates.calendar import calendar
    from unfelt.engines.ledger.gates.reading import counted_of, programme_name  # Models want the records open.
    from unfelt.records.business_time import business_now

    with answering(session):
        due = calendar(programme, counted_of(programme_name(programme)), now=business_now())
    if as_json:
        click.echo(json.dumps([_plain(one) for one in due], ensure_ascii=False))
    else:
        from rich.console import Console

        from unfelt.cli.views.gates import calendar_view

        Console().print(calendar_view(due))
    raise click.exceptions.Exit(NO if any(one.state == "overdue" for one in due) else 0)


def _plain(one: "Due") -> dict[str, Any]:
    return {
        "control": one.work.control,
        "what": one.work.what,
        "owner": one.work.owner,
        "state": one.state,
        "due": one.day.isoformat(),
        "last": one.last.found_at.isoformat() if one.last else None,
    }
