"""unfelt new"""

from pathlib import Path

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.conf.language import _


@click.command(help=_("Write a first change.yaml to begin from, with a word on every line."))
@click.argument("name", default="my-change")
@click.option("--old", metavar="URL", default="http://127.0.0.1:9001", help=_("Where the old version answers."))
@click.option("--new", metavar="URL", default="http://127.0.0.1:9002", help=_("Where the new version answers."))
@click.option("--owner", default="you@example.com", help=_("Who answers for the change."))
@click.option(
    "--file", "path", type=click.Path(path_type=Path), default="change.yaml", help=_("The file to write.")
)
@click.option("--force", is_flag=True, help=_("Write over a file that is there."))
def command(*, name: str, old: str, new: str, owner: str, path: Path, force: bool) -> None:
    """The plan is checked before anything is written."""
    from unfelt.documents.load import CHANGE, load_text
    from unfelt.documents.starting import starting_change

    title = name.replace("-", " ").replace("_", " ").capitalize()
    text = starting_change(name=name, title=title, owner=owner, old=old, new=new)
    load_text(text, CHANGE, file=str(path))
    _write(path, text, force=force)
    click.echo(_("{file} is written. Edit it, then: unfelt check {file}").format(file=path))


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Failure(
            _(
                "{file} is there already and stays as it is. Write over it with --force, or name another --file."
            ).format(file=path),
            code=USAGE,
        ) from None
