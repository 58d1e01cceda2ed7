"""unfelt unpin"""

import getpass
from pathlib import Path

import click

from unfelt.cli.pin import named, say_if_unrecorded
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command(help=_("Let customers who were pinned to old be drawn like everybody else again."))
@click.argument("customers", metavar="[CUSTOMER]...", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help=_("Everybody who is pinned by hand."))
@click.option("--rollout", metavar="NAME", help=_("A rollout or its change, if more than one is under way."))
@session_options
def command(session: Session, customers: tuple[str, ...], *, everybody: bool, rollout: str | None) -> None:
    """The router first, the records afterwards."""
    if bool(customers) == everybody:
        raise click.UsageError(_("Name customers, or give --all."))
    where, names = named(session, rollout, customers)
    from unfelt.rollout.pinning import pinned_at, unpin_customers

    directory = Path(where["router"])
    if everybody:
        names = [one.name for one in pinned_at(directory)]
    is_recorded = unpin_customers(directory, names, rollout=where["rollout"], by=getpass.getuser())
    click.echo(_("No longer pinned: {n}.").format(n=len(names)))
    say_if_unrecorded(is_recorded)
