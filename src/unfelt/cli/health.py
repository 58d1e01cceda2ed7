"""unfelt health"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import DONE, NO
from unfelt.cli.gating import json_option
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.engines.teamwork.health import Sending


@click.command(
    help=_(
        "Whether members are told and webhooks are served: when the console last looked, and who is not reached. "
        "Exit code: 0 all is well, 1 something is not sent."
    )
)
@json_option
@session_options
def command(session: Session, *, as_json: bool) -> None:
    """From the note that the console keeps, and the records."""
    session.connect()
    from unfelt.engines.teamwork.health import NOTE, not_reached, sendings  # Models want the records open.

    with answering(session):
        sent, missed = sendings(session.home / NOTE, now=datetime.now(UTC)), not_reached()
    is_well = bool(sent) and all(one.is_alive for one in sent) and not missed
    if as_json:
        plain = [{"name": one.name, "alive": one.is_alive, "problem": one.problem} for one in sent]
        click.echo(json.dumps({"well": is_well, "sending": plain, "not_reached": missed}, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(sent, missed)))
    raise click.exceptions.Exit(DONE if is_well else NO)


def _lines(sent: tuple["Sending", ...], missed: tuple[str, ...]) -> list[str]:
    lines = [_("No console runs here: nobody is told anything. Begin it: unfelt serve")] if not sent else []
    for one in sent:
        lines.append(f"{one.name}: {one.state}")
    return lines + [_("Not reached: {who}").format(who=who) for who in missed]
