"""unfelt back"""

import getpass
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from unfelt.cli.failures import NO, UNDETERMINED, USAGE, Failure
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Put every customer on old, now: works with the worker dead, the database locked or the disk "
        "full.\n\nNames a rollout or its change; without a name, the one that is under way. One that is done "
        "moves nobody without --reopen: what going back would do is said instead. Exit code: 0 done, 1 nobody was "
        "moved, 2 wrong use, 3 could not be determined."
    )
)
@click.argument("rollout", required=False)
@click.option("--listen", metavar="HOST:PORT", help=_("The router's address, whatever the records say."))
@click.option("--all", "everything", is_flag=True, help=_("Every rollout under way."))
@click.option(
    "--reopen", is_flag=True, help=_("Also where the rollout is done and its customers are on new for good.")
)
@session_options
def command(session: Session, rollout: str | None, *, listen: str | None, everything: bool, reopen: bool) -> None:
    """The routers first, the records afterwards."""
    wanted = _wanted(session, rollout, listen=listen, everything=everything)
    settled = [] if reopen else [one for one in wanted if _is_settled(one)]
    failed = [one for one in wanted if one not in settled and not _take_back(session, one)]
    for one in settled:
        _say_what_would_happen(session, one)
    if failed or settled:
        raise click.exceptions.Exit(UNDETERMINED if failed else NO)


def _wanted(
    session: Session, name: str | None, *, listen: str | None, everything: bool
) -> Sequence[Mapping[str, str]]:
    from unfelt.rollout.rollback import targets

    found = targets(session.home, name=name, listen=listen)
    if len(found) > 1 and not everything:
        known = ", ".join(one["rollout"] for one in found)
        raise Failure(
            _("{n} rollouts are under way: {known}. Name one, or take back --all of them.").format(
                n=len(found), known=known
            ),
            code=USAGE,
        )
    return found or _on_record(session, name)


def _on_record(session: Session, name: str | None) -> Sequence[Mapping[str, str]]:
    """Where no rollout is known to be under way, what the records say; where they are silent, every router."""
    from unfelt.rollout.rollback import all_routers

    try:
        row = session.rollout(name)
    except Failure as failure:
        if failure.exit_code != UNDETERMINED:
            raise
        click.echo(
            _("{problem} Going back all the same, at every router.").format(problem=failure.message), err=True
        )
        return all_routers(session.home)
    found = {"rollout": row.id, "change": row.change, "router": row.directory}
    if row.ended is not None and not (row.state == "done" and _is_settled(found)):
        said = _("{rollout} has ended, and none of its customers are on new by it. Nobody was moved.")
        raise Failure(said.format(rollout=row.id), code=NO)
    return [found]


def _is_settled(target: Mapping[str, str]) -> bool:
    """By the router's files alone: where they cannot be read, going back goes on."""
    from unfelt.rollout.rollback import is_settled

    try:
        return is_settled(Path(target["router"]))
    except OSError:
        return False


def _say_what_would_happen(session: Session, target: Mapping[str, str]) -> None:
    """As far as the records answer; how it is done all the same comes last."""
    name = target["rollout"]
    try:
        from unfelt.rollout.reopening import would_happen

        row = session.rollout(name, migrate=False) if name else None
    except Failure:
        row = None
    if row is None:
        said = _("Customers of {router} are on new for good. Nobody was moved; going back would put all on old.")
        click.echo(said.format(router=Path(target["router"]).name), err=True)
    else:
        for line in would_happen(row):
            click.echo(str(line), err=True)
    again = " ".join(filter(None, ("unfelt back", name, "--reopen")))
    click.echo(_("To do it all the same: {command}").format(command=again), err=True)


def _take_back(session: Session, target: Mapping[str, str]) -> bool:
    from unfelt.adapters.routers import RouterError
    from unfelt.adapters.routers.handles import handle

    directory = Path(target["router"])
    try:
        at = handle(directory).take_back(directory)
    except RouterError as error:
        click.echo(str(error), err=True)
        return False
    said = _("Everybody is on old since {at}Z ({router}).")
    click.echo(said.format(at=f"{at:%H:%M:%S.%f}"[:-3], router=directory.name))
    if target["rollout"] and not _note(session, target["rollout"], at=at):
        click.echo(_("It could not be recorded now; the rollout will note it when it can."), err=True)
    return True


def _note(session: Session, rollout: str, *, at: datetime) -> bool:
    """Whether it is on record; only now the records are touched."""
    try:
        row = session.rollout(rollout, migrate=False)
    except Failure:
        return False
    from unfelt.rollout.people import note_back
    from unfelt.rollout.places import Places

    return note_back(row, places=Places(session.home), by=getpass.getuser(), at=at)
