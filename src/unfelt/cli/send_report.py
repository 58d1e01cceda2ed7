"""unfelt send-report"""

import getpass
import json
from pathlib import Path
from typing import Any

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.gating import json_option, plan_argument, playbook_option, refusing, subject_of
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Send the compliance report of a change as it stands to members. The page is kept under its SHA-256; each "
        "of them finds it in the console and says that they have received it. Without --to: the people of the "
        "plan, its owner and the auditors, as far as they are members."
    )
)
@plan_argument
@click.option("--to", "names", metavar="NAME", multiple=True, help=_("A member; may be given again."))
@click.option("--by", metavar="NAME", help=_("Who sends it [who is logged in]."))
@json_option
@playbook_option
@session_options
def command(
    session: Session,
    *,
    path: Path,
    names: tuple[str, ...],
    by: str | None,
    as_json: bool,
    playbook: Path | None,
) -> None:
    """The plan is kept as it is, and its report is sent."""
    subject = subject_of(session, path, playbook)
    from unfelt.conf.refusal import NotDoneError
    from unfelt.documents.revision import revise
    from unfelt.engines.ledger.actions import keep_plan  # Models want the records open.
    from unfelt.engines.people.reading import member_called
    from unfelt.engines.teamwork.sending import send_report, usual_recipients
    from unfelt.web.printed.gates import gates_page

    change, sender = subject.change, by or getpass.getuser()
    plan = {"name": change.change.id, "digest": revise(change).digest, "document": revise(change).canonical}
    with refusing(), answering(session):
        try:
            to = [member_called(name, field="to") for name in names] or usual_recipients(change, by=sender)
            keep_plan(**plan, at=subject.now, by=sender)
            digest = send_report(change, subject.place, to, written=gates_page, by=sender, at=subject.now)
        except NotDoneError as error:
            raise Failure(error.message, code=USAGE) from error
    _tell({"report": digest, "to": list(dict.fromkeys(member.name for member in to))}, as_json=as_json)


def _tell(sent: dict[str, Any], *, as_json: bool) -> None:
    """Its digest and to whom, in a sentence or as JSON."""
    if as_json:
        click.echo(json.dumps(sent, ensure_ascii=False))
    else:
        said = _("Sent to {names}. SHA-256 of the page: {digest}")
        click.echo(said.format(names=", ".join(sent["to"]), digest=sent["report"]))
