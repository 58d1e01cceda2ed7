"""unfelt token"""

import getpass

import click

from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.group(help=_("The token of the installation: with it a script reads and takes back, and nothing else."))
def command() -> None:
    """It lies in a file beside the records, so that going back asks no database."""


@command.command("show", help=_("Where it lies and when it was last used."))
@session_options
def show(session: Session) -> None:
    """Not the token itself: the file holds it."""
    from unfelt.web.access import machine_token

    home = session.home.resolve()
    if not machine_token.is_there(home):
        click.echo(_("There is none. Make one: unfelt token renew"))
        return
    used = machine_token.used_at(home)
    said = _("last used {at}").format(at=f"{used:%Y-%m-%d %H:%M} UTC" if used else "–")
    click.echo(f"{machine_token.path_of(home)}  {said}")


@command.command("renew", help=_("Another one; that before is worth nothing from now on."))
@session_options
def renew(session: Session) -> None:
    """The new one lies where the old one lay."""
    from unfelt.web.access import machine_token

    home = session.home.resolve()
    machine_token.renew(home)
    click.echo(_("The new token is in {file}.").format(file=machine_token.path_of(home)))
    _note(session, "renewed")


@command.command("revoke", help=_("There is none from now on, until one is made by `unfelt token renew`."))
@session_options
def revoke(session: Session) -> None:
    """It ends at once, whether or not the records answer."""
    from unfelt.web.access import machine_token

    machine_token.revoke(session.home.resolve())
    click.echo(_("The token of the installation is worth nothing from now on."))
    _note(session, "revoked")


def _note(session: Session, what: str) -> None:
    session.connect()
    from unfelt.engines.people.actions import note_machine_token
    from unfelt.records.business_time import business_now

    with answering(session):
        note_machine_token(what, by=getpass.getuser(), at=business_now())
