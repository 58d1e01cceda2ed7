"""unfelt link"""

import getpass
from collections.abc import Sequence

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _
from unfelt.web.serve import link_line


@click.command(
    help=_(
        "Another link to the console that runs: it works once and for an hour.\n\nWho runs this command becomes "
        "an admin; somebody else has to be a member, or becomes one with the roles that are given."
    )
)
@click.option("--at", default="http://127.0.0.1:8377", show_default=True, help=_("Where the console is."))
@click.option("--by", metavar="NAME", help=_("Who it is for; what they do is recorded under this name."))
@click.option(
    "--role", "roles", multiple=True, metavar="ROLE", help=_("A role for a new member; may be given again.")
)
@session_options
def command(session: Session, *, at: str, by: str | None, roles: Sequence[str]) -> None:
    """The link, printed."""
    from unfelt.engines.people.rights import ROLES
    from unfelt.web.console.links import make_link

    strange = [role for role in roles if role not in ROLES]
    if strange:
        said = _("There is no role {name}. Roles: {all}")
        raise Failure(said.format(name=strange[0], all=", ".join(ROLES)), code=USAGE)
    given: Sequence[str] = roles or (ROLES if by is None else ())
    name = by or getpass.getuser()
    if not given:
        _must_be_member(session, name)
    click.echo(link_line(at.rstrip("/"), make_link(session.home.resolve(), by=name, roles=given)))


def _must_be_member(session: Session, name: str) -> None:
    session.connect()
    from unfelt.records.models import Member

    with answering(session):
        if not Member.objects.filter(name__iexact=name, is_active=True).exists():
            said = _("{name} is not a member. Say as what they begin: unfelt link --by {name} --role owner")
            raise Failure(said.format(name=name), code=USAGE)
