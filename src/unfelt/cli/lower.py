"""unfelt lower"""

import getpass
from pathlib import Path

import click

from unfelt.cli.gating import json_option, plan_argument, playbook_option, refusing, subject_of, tell_entry
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Agree that a change is taken less carefully than its plan said before (another tier, none, or an "
        "emergency), two people together. Until then the gates ask for what they asked for."
    )
)
@plan_argument
@click.option("--by", metavar="NAME", help=_("Who wrote the plan [who is logged in]."))
@click.option("--agreed-by", required=True, metavar="NAME", help=_("The second person."))
@json_option
@playbook_option
@session_options
def command(
    session: Session, *, path: Path, by: str | None, agreed_by: str, as_json: bool, playbook: Path | None
) -> None:
    """The plan is kept as it is, and the agreement is on record."""
    subject = subject_of(session, path, playbook)
    from unfelt.documents.revision import revise
    from unfelt.engines.ledger.actions import keep_plan  # Models want the records open.
    from unfelt.engines.ledger.gates.tiers import agree_to_lower

    change, written = subject.change, revise(subject.change)
    with refusing(), answering(session):
        plan = {"name": change.change.id, "digest": written.digest, "document": written.canonical}
        keep_plan(**plan, at=subject.now, by=by or getpass.getuser())
        number = agree_to_lower(change, subject.playbook, by=agreed_by, at=subject.now)
    tell_entry(number, as_json=as_json)
