"""unfelt pin"""

import getpass
from pathlib import Path

import click

from unfelt.cli.failures import UNDETERMINED, USAGE, Failure
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Pin single customers to old, now; without a customer, list who is pinned.\n\nCUSTOMER is the id by which "
        "the plan knows them: the value of its cookie, header or claim. They stay on old until `unfelt unpin`."
    )
)
@click.argument("customers", metavar="[CUSTOMER]...", nargs=-1)
@click.option("--rollout", metavar="NAME", help=_("A rollout or its change, if more than one is under way."))
@session_options
def command(session: Session, customers: tuple[str, ...], *, rollout: str | None) -> None:
    """The router first, the records afterwards."""
    if not customers:
        _list(session, rollout)
        return
    where, names = named(session, rollout, customers)
    from unfelt.rollout.pinning import pin_customers

    is_recorded = pin_customers(Path(where["router"]), names, rollout=where["rollout"], by=getpass.getuser())
    click.echo(_("On old from their next request on: {names}.").format(names=", ".join(customers)))
    say_if_unrecorded(is_recorded)


def named(session: Session, rollout: str | None, customers: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """The rollout that is meant, and the pseudonyms of the customers at its router."""

    from unfelt.adapters.routers.handles import handle

    where = meant(session, rollout)
    connected(session)
    place = Path(where["router"])
    return where, [handle(place).name_for(place, one) for one in customers]


def meant(session: Session, rollout: str | None) -> dict[str, str]:
    """The one rollout under way that is meant, or the one that is named: at its end pins stay at its router."""
    from unfelt.rollout.rollback import targets

    found = targets(session.home, name=rollout, listen=None)
    if len(found) == 1:
        return dict(found[0])
    if rollout and not found:
        row = session.rollout(rollout, migrate=False)
        return {"rollout": row.id, "router": row.directory}
    known = ", ".join(one["rollout"] for one in targets(session.home, name=None, listen=None)) or "–"
    raise Failure(_("Which rollout? Under way: {known}. Name it: --rollout NAME").format(known=known), code=USAGE)


def connected(session: Session) -> None:
    """The records, if they answer; a router can be written without them."""
    try:
        session.connect(migrate=False)
    except Failure as failure:
        if failure.exit_code != UNDETERMINED:
            raise


def say_if_unrecorded(is_recorded: bool) -> None:
    """What to do where the records did not answer."""
    if not is_recorded:
        click.echo(
            _("It could not be recorded now; give the same command again once the records answer."), err=True
        )


def _list(session: Session, rollout: str | None) -> None:
    where, _names = named(session, rollout, ())
    from unfelt.rollout.pinning import pinned_at

    found = pinned_at(Path(where["router"]))
    if not found:
        click.echo(_("Nobody is pinned by hand. Pin a customer: unfelt pin CUSTOMER"))
    for one in found:
        click.echo(f"{one.name}  {one.at}  {one.by}")
