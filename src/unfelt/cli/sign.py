"""unfelt sign"""

import getpass
from contextlib import suppress
from pathlib import Path

import click

from unfelt.cli.gating import json_option, plan_argument, playbook_option, refusing, subject_of, tell
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Sign a control of a change, or refuse to. A signature counts for thirty days, is shown as signed and not "
        "measured, and opens neither go nor proof. The owner's own signature counts when it is given again a day "
        "later, and is marked."
    )
)
@click.argument("control")
@plan_argument
@click.option("--by", metavar="NAME", help=_("Who signs [who is logged in]."))
@click.option("--refuse", metavar="WHY", help=_("Refuse, for this reason: it holds the gate until signed anew."))
@click.option("--supersedes", type=int, metavar="NUMBER", help=_("A signature of yours in whose place it is."))
@click.option("--because", default="", metavar="REASON", help=_("Why that one is corrected."))
@json_option
@playbook_option
@session_options
def command(
    session: Session,
    *,
    control: str,
    path: Path,
    by: str | None,
    refuse: str | None,
    supersedes: int | None,
    because: str,
    as_json: bool,
    playbook: Path | None,
) -> None:
    """The signature is on record, about the plan as it is."""
    from unfelt.engines.ledger.asked import SignAsked

    with refusing():
        given = SignAsked.of({"refuse": refuse or "", "supersedes": supersedes or 0, "because": because})
    subject = subject_of(session, path, playbook)
    from unfelt.engines.ledger.gates import actions  # Models want the records open.
    from unfelt.engines.ledger.gates.drafting import Correction

    signing, asked = by or getpass.getuser(), subject.control(control)
    with refusing(), answering(session):
        recorded = actions.sign(
            subject.change,
            subject.playbook,
            asked,
            by=signing,
            refuse=given.refuse,
            at=subject.now,
            corrects=Correction(given.supersedes, given.because) if supersedes is not None else None,
        )
    with suppress(click.exceptions.Exit):  # A signature that is on record is done, whatever it says.
        tell(recorded, as_json=as_json)
