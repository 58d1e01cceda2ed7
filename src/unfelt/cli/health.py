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
    from unfelt.rollout.work.health import TimerHealth


@click.command(
    help=_(
        "Whether members are told and webhooks are served: when a worker last looked, and who is not reached. "
        "Exit code: 0 all is well, 1 something is not sent."
    )
)
@json_option
@session_options
def command(session: Session, *, as_json: bool) -> None:
    """From the records."""
    session.connect()
    from unfelt.engines.teamwork.health import not_reached  # Models want the records open.
    from unfelt.rollout.work.health import timers

    with answering(session):
        found, missed = timers(now=datetime.now(UTC)), not_reached()
    is_well = bool(found) and all(one.is_alive for one in found) and not missed
    if as_json:
        plain = [{"name": one.job.name, "alive": one.is_alive, "problem": one.problem} for one in found]
        click.echo(json.dumps({"well": is_well, "sending": plain, "not_reached": missed}, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found, missed)))
    raise click.exceptions.Exit(DONE if is_well else NO)


def _lines(found: tuple["TimerHealth", ...], missed: tuple[str, ...]) -> list[str]:
    lines = [_("Nobody is told anything: no worker runs. Start it: unfelt worker")] if not found else []
    for one in found:
        lines.append(f"{one.label}: {one.state}")
    return lines + [_("Not reached: {who}").format(who=who) for who in missed]
