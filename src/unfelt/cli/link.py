"""unfelt link"""

import getpass
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.serve import link_line
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.web.access.links import Kind


@click.command(
    help=_(
        "Another link to the console that runs: it works once and for an hour.\n\nWho runs this command becomes "
        "an admin; somebody else has to be a member, or becomes one with the roles that are given. Who has a "
        "password, a directory or a second factor logs in with it: a link is made for them only with --recover."
    )
)
@click.option("--at", metavar="URL", help=_("Where the console is [UNFELT_URL, else http://127.0.0.1:8377]."))
@click.option("--by", metavar="NAME", help=_("Who it is for; what they do is recorded under this name."))
@click.option(
    "--role", "roles", multiple=True, metavar="ROLE", help=_("A role for a new member; may be given again.")
)
@click.option(
    "--recover",
    is_flag=True,
    help=_("For who has lost how to log in: password, tokens and sessions end, on record, and they are told."),
)
@click.option(
    "--without-second-factor",
    "ends_factor",
    is_flag=True,
    help=_("With --recover: their second factor is lost too, and ends."),
)
@session_options
def command(
    session: Session, *, at: str | None, by: str | None, roles: Sequence[str], recover: bool, ends_factor: bool
) -> None:
    """The link, printed."""
    from unfelt.conf.settings import settings
    from unfelt.engines.rights import ROLES
    from unfelt.web.access.links import make_link

    strange = [role for role in roles if role not in ROLES]
    if strange:
        said = _("There is no role {name}. Roles: {all}")
        raise Failure(said.format(name=strange[0], all=", ".join(ROLES)), code=USAGE)
    if ends_factor and not recover:
        raise Failure(_("--without-second-factor goes with --recover."), code=USAGE)
    given: Sequence[str] = roles or (ROLES if by is None else ())
    name = by or getpass.getuser()
    with answering(session):
        kind = _prepared(session, name, is_new=bool(given), recover=recover, ends_factor=ends_factor)
    base = (at or settings().url or "http://127.0.0.1:8377").rstrip("/")
    click.echo(link_line(base, make_link(session.home.resolve(), by=name, roles=given, kind=kind)))


def _prepared(session: Session, name: str, *, is_new: bool, recover: bool, ends_factor: bool) -> "Kind":
    """What link they can have, with what has to be done and recorded before."""
    from unfelt.web.site.settings import connect_console

    session.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    connect_console(session.home.resolve(), session.database)
    from unfelt.engines.people.actions import invite
    from unfelt.records.business_time import business_now
    from unfelt.records.models import Member
    from unfelt.web.accounts.logins import has_credentials
    from unfelt.web.accounts.opening import open_again

    found = Member.objects.filter(name__iexact=name, is_active=True).first()
    now, me = business_now(), getpass.getuser()
    if found is None and (recover or not is_new):
        said = _("{name} is not a member. Say as what they begin: unfelt link --by {name} --role owner")
        raise Failure(said.format(name=name), code=USAGE)
    if found is None:
        return "invitation"
    if recover:
        open_again(found, by=me, at=now, ends_factor=ends_factor)
        return "recovery"
    if has_credentials(found):
        said = _("{name} can log in by themselves. Who has lost how: unfelt link --by {name} --recover")
        raise Failure(said.format(name=name), code=USAGE)
    invite(found, by=me, at=now)
    return "invitation"
