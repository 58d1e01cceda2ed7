"""unfelt backup"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from unfelt.cli.failures import UNDETERMINED, USAGE, Failure
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Put the whole installation into one file while it runs: records, artefacts, what customers met, "
        "rollouts, and the keys that sign, encrypted. The file holds names and secrets of webhooks: keep it as "
        "carefully as the installation."
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-keys", is_flag=True, help=_("Leave out the keys that sign."))
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help=_("File with the passphrase for the keys; it is asked for otherwise."),
)
@session_options
def command(session: Session, *, file: Path, without_keys: bool, passphrase_file: Path | None) -> None:
    """The file is whole, or it is not there."""
    if not session.home.is_dir():
        raise Failure(_("{home} is no installation.").format(home=session.home), code=USAGE)
    secret = None if without_keys else passphrase_of(passphrase_file, is_new=True)
    session.connect()
    from unfelt.rollout.backup.keeping import back_up

    with backing_up(), answering(session), shown_progress(_("Backing up")) as progress:
        made = back_up(
            session.home, session.database, file, passphrase=secret, at=datetime.now(UTC), progress=progress
        )
    click.echo(_("{file}: {n} files, manifest {digest}").format(file=file, n=made.files, digest=made.digest[:12]))
    if not made.has_keys:
        click.echo(_("Without the keys that sign: keep .unfelt/keys elsewhere."))
    for rollout in made.under_way:
        said = _("Rollout {rollout} is under way: after a restore it has ended, with everybody on old.")
        click.echo(said.format(rollout=rollout))


def passphrase_of(file: Path | None, *, is_new: bool) -> str:
    """The passphrase in that file, or as typed."""
    if file is not None:
        found = file.read_text().strip()
    else:
        found = click.prompt(_("Passphrase for the keys"), hide_input=True, confirmation_prompt=is_new, err=True)
    if not found:
        raise Failure(_("The passphrase is empty. Without keys: --without-keys"), code=USAGE)
    return found


@contextmanager
def backing_up() -> Iterator[None]:
    """Within the block, what cannot be backed up or restored ends the command in a sentence."""
    from unfelt.rollout.backup import BackupError

    try:
        yield
    except BackupError as error:
        raise Failure(error.message, code=UNDETERMINED) from error


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[..., None]]:
    """A bar on stderr that is told bytes: how many of how many, or how many more."""
    from rich.progress import DownloadColumn, Progress

    columns = (*Progress.get_default_columns(), DownloadColumn())
    from rich.console import Console

    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int | None = None) -> None:
            if total is None:
                bar.advance(task, done)
            else:
                bar.update(task, completed=done, total=total)

        yield tell
