"""unfelt watch"""

import time

import click

from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

LOOK = 0.5
"""Seconds between two looks at the records."""


@click.command(help=_("Watch a rollout that runs elsewhere: by its id or its change, the newest without a name."))
@click.argument("rollout", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object for each new status."))
@click.option("--once", is_flag=True, help=_("Show the newest status and end."))
@session_options
def command(session: Session, rollout: str | None, *, as_json: bool, once: bool) -> None:
    """Each new status until the rollout has ended."""
    from unfelt.cli.views.live import Progress

    row = session.rollout(rollout)
    from rich.console import Console

    console = Console()
    with Progress(console, title=row.id, as_json=as_json) as shown:
        seen = ""
        while True:
            if row.status and row.status["at"] != seen:
                seen = row.status["at"]
                shown.show(row.status)
            if once or row.ended:
                break
            time.sleep(LOOK)
            with answering(session):
                row.refresh_from_db()
    if row.ended and not as_json:
        from unfelt.rollout.phrases import state_name

        console.print(_("{rollout} has ended: {state}").format(rollout=row.id, state=state_name(row.state)))
