"""unfelt sign"""

import getpass
from pathlib import Path

import click

from unfelt.cli.gating import refusing, subject_of
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Sign a control of a change, or refuse to. A signature counts for thirty days, is shown as signed and not "
        "measured, and opens neither go nor proof."
    )
)
@click.argument("control")
@click.argument("path", metavar="[CHANGE.YAML]", type=click.Path(path_type=Path), default="change.yaml")
@click.option("--by", metavar="NAME", help=_("Who signs [who is logged in]."))
@click.option("--refuse", metavar="WHY", help=_("Refuse, for this reason: it holds the gate until signed anew."))
@click.option("--playbook", type=click.Path(path_type=Path), help=_("Another playbook [UNFELT_PLAYBOOK]."))
@session_options
def command(
    session: Session, *, control: str, path: Path, by: str | None, refuse: str | None, playbook: Path | None
) -> None:
    """The signature is on record, about the plan as it is."""
    from unfelt.engines.gates.facts import Evidence, part_digests

    subject = subject_of(session, path, playbook)
    from unfelt.engines.gates.actions import add_evidence  # Models want the records open.

    asked = subject.control(control)
    evidence = Evidence(
        control=control,
        kind="sign-off",
        verdict="fail" if refuse else "pass",
        found_at=subject.case.now,
        parts=part_digests(subject.case.plan, asked.relies_on),
        why=refuse or "",
        by=by or getpass.getuser(),
    )
    with refusing(), answering(session):
        number = add_evidence(subject.name, asked, evidence, revision=subject.revision, at=subject.case.now)
    click.echo(_("On record as entry {number}.").format(number=number))
