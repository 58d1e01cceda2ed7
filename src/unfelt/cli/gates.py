"""unfelt gates"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from unfelt.cli.failures import NO, USAGE, Failure
from unfelt.cli.gating import (
    json_option,
    plan_argument,
    playbook_option,
    refusing,
    subject_of,
    write_page,
)
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.cli.gating import Subject
    from unfelt.documents.change import Change
    from unfelt.documents.playbook import Gate
    from unfelt.engines.ledger.gates.standing import Case, Evaluation

GATES = ("plan", "ready", "go", "proof", "close", "programme")


@click.command(
    help=_(
        "The gates of a change: which are open, and what holds the others, why, and who can do what about it. "
        "Exit code: 0 the gate asked for is open, 1 it is shut."
    )
)
@plan_argument
@click.option("--gate", type=click.Choice(GATES), default="go", show_default=True, help=_("For the exit code."))
@playbook_option
@click.option(
    "--seal",
    is_flag=True,
    help=_("Put on record what the open gate rests on, with what is derived for it; go does so by itself."),
)
@click.option("--report", type=click.Path(path_type=Path), help=_("Write a page (HTML) too."))
@json_option
@session_options
def command(
    session: Session,
    *,
    path: Path,
    gate: str,
    playbook: Path | None,
    seal: bool,
    report: Path | None,
    as_json: bool,
) -> None:
    """Every gate as it stands now."""
    subject = subject_of(session, path, playbook)
    found = subject.evaluated(session)
    if report is not None:
        write_page(report, subject, found)
    if as_json:
        click.echo(json.dumps(_plain(found, subject.case, subject.change), ensure_ascii=False))
    else:
        from rich.console import Console

        from unfelt.cli.views.gates import gates_view

        Console().print(gates_view(found, subject.case, subject.change, path))
    is_open = any(one.gate == gate and one.is_open for one in found.gates)
    if seal and is_open:
        _seal(session, subject, found, gate)
    raise click.exceptions.Exit(0 if is_open else NO)


def _seal(session: Session, subject: "Subject", found: "Evaluation", gate: str) -> None:
    from unfelt.records.models import ChangeRow
    from unfelt.rollout.preconditions import note_gates

    if not ChangeRow.objects.filter(name=subject.about.name, revision_id=subject.about.revision).exists():
        said = _("The plan in {file} is not the newest on record: unfelt assess {file}, and seal it then.")
        raise Failure(said.format(file=subject.path), code=USAGE)
    with refusing(), answering(session):
        number = note_gates(subject.change, found, subject.place, at=subject.now, gate=cast("Gate", gate))
    click.echo(_("Gate {gate} is on record as entry {number}.").format(gate=gate, number=number), err=True)


def _plain(found: "Evaluation", case: "Case", change: "Change") -> dict[str, Any]:
    return {
        "tier": case.tier,
        "because": str(case.why),
        "owed_until": case.owed_until and case.owed_until.isoformat(),
        "gates": [
            {
                "gate": one.gate,
                "open": one.is_open,
                "asked": one.asked,
                "behind": one.behind,
                "holding": [held.control.id for held in one.holding],
            }
            for one in found.gates
        ],
        "controls": [
            {
                "control": one.control.id,
                "state": one.state,
                "why": str(one.why),
                "owner": one.control.owner,
                "people": [person.name for person in change.people if one.control.owner in person.roles],
                "gates": list(one.control.gates),
                "evidence": one.evidence.number if one.evidence else None,
                "kind": one.evidence.kind if one.evidence else None,
                "origin": one.origin,
                "least": one.control.least,
            }
            for one in found.controls
        ],
    }
