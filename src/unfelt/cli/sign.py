"""unfelt sign"""

import getpass
from pathlib import Path

import click

from unfelt.cli.gating import plan_argument, playbook_option, put_on_record, subject_of
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Sign a control of a change, or refuse to. A signature counts for thirty days, is shown as signed and not "
        "measured, and opens neither go nor proof."
    )
)
@click.argument("control")
@plan_argument
@click.option("--by", metavar="NAME", help=_("Who signs [who is logged in]."))
@click.option("--refuse", metavar="WHY", help=_("Refuse, for this reason: it holds the gate until signed anew."))
@playbook_option
@session_options
def command(
    session: Session, *, control: str, path: Path, by: str | None, refuse: str | None, playbook: Path | None
) -> None:
    """The signature is on record, about the plan as it is."""
    subject = subject_of(session, path, playbook)
    number = put_on_record(
        session,
        subject,
        subject.control(control),
        kind="sign-off",
        verdict="fail" if refuse else "pass",
        why=refuse or "",
        by=by or getpass.getuser(),
    )
    click.echo(_("On record as entry {number}.").format(number=number))
