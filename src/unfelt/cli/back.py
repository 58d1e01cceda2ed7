"""unfelt back"""

import getpass
from pathlib import Path

import click

from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command()
@click.argument("rollout", required=False)
@click.option("--listen", metavar="HOST:PORT", help=_("The router's address, when the records cannot be read."))
@session_options
def command(session: Session, rollout: str | None, *, listen: str | None) -> None:
    """Put every customer on old, now: works with the worker dead, the database locked or the disk full."""
    from django.db import DatabaseError

    from unfelt.adapters.routers import RouterError
    from unfelt.conf.database import connect

    connect(session.database, migrate=False)
    from unfelt.rollout.people import back, note_back, router_directories

    try:
        row = None if listen else session.rollout(rollout)
        directories = [Path(row.directory)] if row else router_directories(session.home, listen)
    except DatabaseError as error:
        click.echo(
            _("The records cannot be read ({error}); going back all the same.").format(error=error), err=True
        )
        row, directories = None, router_directories(session.home, None)
    for directory in directories:
        try:
            at = back(directory)
        except RouterError as error:
            raise click.ClickException(str(error)) from error
        click.echo(
            _("Everybody is on old since {at}Z ({router}).").format(
                at=f"{at:%H:%M:%S.%f}"[:-3], router=directory.name
            )
        )
        if row and not note_back(row, by=getpass.getuser(), at=at):
            click.echo(_("It could not be recorded now; the rollout will note it when it can."), err=True)
