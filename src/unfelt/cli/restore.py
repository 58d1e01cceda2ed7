"""unfelt restore"""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from unfelt.cli.backup import backing_up, passphrase_of, shown_progress
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Make an installation from a backup, in a home that is empty: every digest is checked before anything is "
        "there. Rollouts that were under way have ended, with everybody on old; begin them anew."
    )
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help=_("File with the passphrase for the keys; it is asked for otherwise."),
)
@session_options
def command(session: Session, *, file: Path, passphrase_file: Path | None) -> None:
    """The installation is there and on record as restored, or nothing is."""
    from unfelt.rollout.backup.restoring import restore

    url = None if session.database.startswith("sqlite:") else session.database
    with backing_up(), answering(session), shown_progress(_("Restoring")) as progress:
        found = restore(
            file,
            session.home,
            url,
            passphrase=lambda: passphrase_of(passphrase_file, is_new=False),
            by=getpass.getuser(),
            at=datetime.now(UTC),
            progress=progress,
        )
    click.echo(_("{home} is as it was at {at}.").format(home=session.home, at=found.made_at))
    for rollout in found.under_way:
        click.echo(
            _("Rollout {rollout} was under way: it has ended, with everybody on old.").format(rollout=rollout)
        )
    if not found.has_keys:
        said = _(
            "It cannot sign: copy the keys into {keys}, or begin another on record: unfelt keys replace REASON"
        )
        click.echo(said.format(keys=session.home / "keys"))
    click.echo(_("Now check it: unfelt verify --home {home}").format(home=session.home))
