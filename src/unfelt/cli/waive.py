"""unfelt waive"""

import getpass
from pathlib import Path

import click

from unfelt.cli.gating import json_option, plan_argument, playbook_option, refusing, subject_of, tell_entry
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_("Let a control pass that applies and has no passing evidence: with a reason, an end, and two people.")
)
@click.argument("control")
@plan_argument
@click.option("--reason", required=True, help=_("Why, in words that a stranger understands."))
@click.option("--for", "lasts", required=True, metavar="DURATION", help=_("How long, such as `14d`."))
@click.option("--agreed-by", required=True, metavar="NAME", help=_("The second person."))
@click.option("--by", metavar="NAME", help=_("Who gives it [who is logged in]."))
@json_option
@playbook_option
@session_options
def command(
    session: Session,
    *,
    control: str,
    path: Path,
    reason: str,
    lasts: str,
    agreed_by: str,
    by: str | None,
    as_json: bool,
    playbook: Path | None,
) -> None:
    """The waiver is on record."""
    from unfelt.cli.plan import read_option
    from unfelt.documents.units import parse_duration
    from unfelt.engines.ledger.gates.facts import Waiver
    from unfelt.engines.teamwork.asked import WaiverWanted

    with refusing():
        wanted = WaiverWanted.of({"reason": reason, "length": lasts, "agreed_by": agreed_by})
    subject = subject_of(session, path, playbook)
    from unfelt.engines.ledger.gates import actions  # Models want the records open.

    asked, now = subject.control(control), subject.now
    until = now + read_option("--for", wanted.length, parse_duration)
    waiver = Waiver(asked.id, wanted.reason, by or getpass.getuser(), wanted.agreed_by, now, until)
    with refusing(), answering(session):
        number = actions.waive(subject.change, subject.playbook, waiver, at=now)
    tell_entry(number, as_json=as_json)
