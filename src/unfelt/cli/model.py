"""unfelt model"""

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.gating import json_option, refusing, tell_entry
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.model import Model


@click.group("model", help=_("Change models: which there are, and their approval."))
def command() -> None:
    """The commands below."""


@command.command("list", help=_("Every change model, and whether it is approved as it is now."))
@json_option
@session_options
def show(session: Session, *, as_json: bool) -> None:
    """Name, title, approval."""

    from unfelt.documents.load import load_model
    from unfelt.documents.model import models_beside

    models = [load_model(file) for file in models_beside(Path()).values()]
    session.connect()
    from unfelt.engines.ledger.gates.models import approval_of, model_name  # Models want the records open.

    rows = []
    for model in models:
        with answering(session):
            found = approval_of(model_name(model))
        rows.append((model, found))
    if as_json:
        plain = {model_name(model): bool(found and found.holds) for model, found in rows}
        click.echo(json.dumps(plain))
        return
    for model, found in rows:
        said = _("not approved")
        if found is not None and found.holds:
            said = _("approved by {by} and {other}").format(by=found.by, other=found.agreed_by)
        elif found is not None:
            said = _("lost its approval: {rollouts} went back").format(rollouts=", ".join(found.went_back))
        head = model.model
        click.echo(f"{head.id}: {head.title!s} ({said})\n  {head.about!s}")


@command.command(
    "approve",
    help=_(
        "Approve a change model as it is now, two people together: changes from it are standard ones until it is "
        "edited or too many of its rollouts go back."
    ),
)
@click.argument("name")
@click.option("--by", metavar="NAME", help=_("Who approves [who is logged in]."))
@click.option("--agreed-by", required=True, metavar="NAME", help=_("The second person."))
@json_option
@session_options
def approve(session: Session, *, name: str, by: str | None, agreed_by: str, as_json: bool) -> None:
    """The approval is on record, for the digest of the model."""
    model = _model(name)
    session.connect()
    from unfelt.engines.ledger.gates import models  # Models want the records open.
    from unfelt.records.business_time import business_now

    with refusing(), answering(session):
        number = models.approve(model, by=by or getpass.getuser(), agreed_by=agreed_by, at=business_now())
    tell_entry(number, as_json=as_json)


def _model(name: str) -> "Model":
    from unfelt.conf.language import Message
    from unfelt.documents.load import load_model
    from unfelt.documents.model import model_file

    file = model_file(name, Path())
    if isinstance(file, Message):
        raise Failure(_("There is no change model {name}. {file}").format(name=name, file=file), code=USAGE)
    return load_model(file)
