"""unfelt link"""

import getpass

import click

from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _
from unfelt.web.serve import link_line


@click.command(help=_("Another link to the console that runs: it works once and for an hour."))
@click.option("--at", default="http://127.0.0.1:8377", show_default=True, help=_("Where the console is."))
@click.option("--by", metavar="NAME", help=_("Who it is for; what they do is recorded under this name."))
@session_options
def command(session: Session, *, at: str, by: str | None) -> None:
    """The link, printed."""
    from unfelt.web.console.links import make_link

    click.echo(link_line(at.rstrip("/"), make_link(session.home.resolve(), by=by or getpass.getuser())))
