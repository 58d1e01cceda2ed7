"""unfelt confirm"""

import getpass

import click

from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command()
@click.argument("rollout", required=False)
@session_options
def command(session: Session, rollout: str | None) -> None:
    """Agree to what the guard proposes in advise mode."""
    row = session.rollout(rollout)
    from unfelt.rollout.people import confirm

    agreed = confirm(row, by=getpass.getuser())
    if agreed is None:
        raise click.ClickException(
            _("{rollout} waits for nobody: the guard proposes nothing.").format(rollout=row.id)
        )
    click.echo(_("Agreed: {what}.").format(what=agreed))
