"""unfelt new"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.model import Ask


@click.command(
    help=_(
        "Write a first change.yaml to begin from, with a word on every line; or a short one from a change model, "
        "which asks for ten fields at most."
    )
)
@click.argument("name", required=False)
@click.option("--old", metavar="URL", help=_("Where the old version answers."))
@click.option("--new", metavar="URL", help=_("Where the new version answers."))
@click.option("--owner", help=_("Who answers for the change."))
@click.option(
    "--model", "model", metavar="MODEL", help=_("The change model; `--model list` shows which there are.")
)
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help=_("An answer; may be given again."))
@click.option(
    "--file", "path", type=click.Path(path_type=Path), default="change.yaml", help=_("The file to write.")
)
@click.option("--force", is_flag=True, help=_("Write over a file that is there."))
def command(
    *,
    name: str | None,
    old: str | None,
    new: str | None,
    owner: str | None,
    model: str | None,
    given: Sequence[str],
    path: Path,
    force: bool,
) -> None:
    """The plan is checked before anything is written."""
    from unfelt.documents.load import CHANGE, load_text
    from unfelt.documents.problems import DocumentErrors

    if model == "list":
        _list_models(path.parent)
        return
    if path.exists() and not force:
        raise _there(path)
    known = {"/change/id": name, "/change/owner": owner, "/rollout/old": old, "/rollout/new": new}
    said = {field: value for field, value in known.items() if value}
    if model is not None:
        answers = said | _answers(given)
        text = _from_model(model, path, answers)
    elif given:
        raise Failure(_("--set belongs to --model."), code=USAGE)
    else:
        answers, text = {}, _commented(said)
    try:
        load_text(text, CHANGE, file=str(path))
    except DocumentErrors:
        if model is not None:
            _repeat(model, answers)
        raise
    _write(path, text, force=force)
    click.echo(_("{file} is written. Edit it, then: unfelt check {file}").format(file=path))


def _commented(said: dict[str, str]) -> str:
    """A whole plan with a word on every line."""
    from unfelt.documents.starting import starting_change

    name = said.get("/change/id", "my-change")
    return starting_change(
        name=name,
        title=name.replace("-", " ").replace("_", " ").capitalize(),
        owner=said.get("/change/owner", "you@example.com"),
        old=said.get("/rollout/old", "http://127.0.0.1:9001"),
        new=said.get("/rollout/new", "http://127.0.0.1:9002"),
    )


def _list_models(place: Path) -> None:

    from unfelt.documents.load import load_model
    from unfelt.documents.model import models_beside

    for file in models_beside(place).values():
        head = load_model(file).model
        click.echo(f"{head.id}: {head.title!s}\n  {head.about!s}")


def _repeat(model: str, answers: dict[str, str]) -> None:
    """Nothing that was typed is lost: the command that says it all again."""
    words = [f"--set {shlex.quote(f'{field}={value}')}" for field, value in answers.items()]
    said = _("Nothing was written. With what you answered, to be corrected: {command}")
    click.echo(said.format(command=" ".join(["unfelt new --model", model, *words])), err=True)


def _from_model(name: str, path: Path, answers: dict[str, str]) -> str:
    """The shortest plan from the model: what it asks for, from options or typed in; the answers are added."""
    from unfelt.conf.language import Message
    from unfelt.documents.load import load_model
    from unfelt.documents.model import asked_of, model_file
    from unfelt.documents.starting import written

    file = model_file(name, path.parent)
    if isinstance(file, Message):
        raise Failure(_("There is no change model {name}. {file}").format(name=name, file=file), code=USAGE)
    model = load_model(file)
    fields = [ask.field for ask in model.asks]
    strange = [field for field in answers if field not in fields]
    if strange:
        said = _("{model} does not ask for {field}. It asks for: {fields}")
        raise Failure(said.format(model=name, field=strange[0], fields=", ".join(fields)), code=USAGE)
    answers |= _asked([ask for ask in model.asks if ask.field not in answers])
    return written(model, asked_of(model, answers))


def _asked(missing: "Sequence[Ask]") -> dict[str, str]:
    """The answers that a person types; without a terminal, everything that is missing at once."""

    if missing and not sys.stdin.isatty():
        lines = [f"  --set {ask.field}=…  {ask.question!s}" for ask in missing]
        raise Failure("\n".join([_("These are still to be said:"), *lines]), code=USAGE)
    return {ask.field: click.prompt(str(ask.question), default=ask.example) for ask in missing}


def _answers(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        field, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise Failure(_("--set {text}: write FIELD=VALUE.").format(text=text), code=USAGE)
        pointer = field if field.startswith("/") else "/" + field.strip().replace(".", "/")
        found[pointer] = value.strip()
    return found


def _there(path: Path) -> Failure:
    said = _("{file} is there already and stays as it is. Write over it with --force, or name another --file.")
    return Failure(said.format(file=path), code=USAGE)


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _there(path) from None
