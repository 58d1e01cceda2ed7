"""unfelt router"""

from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from rich.table import Table

    from unfelt.rollout.places import Places


@click.command(
    help=_(
        "Show the routers of this installation, end one that nobody depends on any more, or keep one.\n\n"
        "A router goes on after its rollout has ended: customers come through it."
    )
)
@click.option(
    "--stop", metavar="HOST:PORT", help=_("End the router that listens there. Its customers lose the way.")
)
@click.option(
    "--keep",
    metavar="HOST:PORT",
    help=_(
        "Keep the router that listens there, for a service manager: begin it, with everybody on old, where it "
        "does not run. Needs neither records nor a guard, and goes on until it is asked to end."
    ),
)
@session_options
def command(session: Session, *, stop: str | None, keep: str | None) -> None:
    """Routers are looked at where they are; no database is asked."""
    from unfelt.rollout.places import Places

    if stop and keep:
        raise Failure(_("Either --stop or --keep."), code=USAGE)
    if keep:
        _keep(Places(session.home), keep)
    elif stop:
        _end(Places(session.home), stop)
    else:
        from rich.console import Console

        Console().print(_table(session))


def _keep(places: "Places", listen: str) -> None:
    from unfelt.adapters.routers import RouterError
    from unfelt.adapters.routers.handles import handle

    def say(sentence: str) -> None:
        click.echo(sentence, err=True)

    try:
        directory = places.router(listen)
        handle(directory).keep(directory, say=say)
    except RouterError as error:
        raise Failure(str(error), code=USAGE) from error


def _end(places: "Places", listen: str) -> None:
    from unfelt.adapters.routers.handles import handle

    directory = places.router(listen)
    if handle(directory).glimpse(directory) is None:
        raise Failure(
            _("No router of {home} listens on {listen}.").format(home=places.home, listen=listen), code=USAGE
        )
    busy = [note["rollout"] for note in places.under_way() if note["router"] == str(directory.absolute())]
    if busy:
        said = _("Rollout {rollout} is under way on it. Take it back first: unfelt back {rollout}")
        raise Failure(said.format(rollout=busy[0]), code=USAGE)
    handle(directory).stop(directory)
    click.echo(_("The router on {listen} has ended.").format(listen=listen))


def _table(session: Session) -> "Table":
    from rich.table import Table

    from unfelt.adapters.routers.handles import all_routers, handle

    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in (_("router"), _("runs"), _("share"), _("phase"), _("lease"), _("requests")):
        table.add_column(name)
    for directory in all_routers(session.home):
        seen = handle(directory).glimpse(directory)
        if seen is not None:
            place = seen.position
            table.add_row(
                ":".join(directory.name.rsplit("-", 1)),
                _("yes") if seen.runs else _("no"),
                f"{place.share:.1%}" if place else "–",
                place.phase if place else _("damaged") if seen.plainly else "–",
                _("yes") if seen.lease_alive else _("no"),
                str(seen.requests),
            )
    return table
