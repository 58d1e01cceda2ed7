"""unfelt confirm"""

import getpass

import click

from unfelt.cli.failures import NO, Failure
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import Message, _


@click.command(help=_("Agree to what the guard proposes in advise mode."))
@click.argument("rollout", required=False)
@session_options
def command(session: Session, rollout: str | None) -> None:
    """The open proposal is agreed to, on record."""
    row = session.rollout(rollout)
    from unfelt.rollout.people import confirm

    with answering(session):
        agreed = confirm(row, by=getpass.getuser())
    if agreed is None:
        raise Failure(_("{rollout} waits for nobody: the guard proposes nothing.").format(rollout=row.id), code=NO)
    from unfelt.rollout.phrases import name_of

    what = Message(
        "{action} to {share:.1%}", action=name_of(agreed.values["action"]), share=agreed.values["share"]
    )
    click.echo(_("Agreed: {what}.").format(what=what))
