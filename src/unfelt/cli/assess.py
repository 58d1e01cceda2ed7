"""unfelt assess"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.gating import exit_code, json_option, plan_argument, playbook_option, refusing, subject_of
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.engines.ledger.payload import Said
    from unfelt.engines.planning.actions import Assessed


@click.command(
    help=_(
        "Answer every control that the plan itself answers: needs and what shows them, risks, people, steps and "
        "the window, costs, the way back, obligations. Exit code: 0 all of them pass, 1 one fails, 3 one says too "
        "little."
    )
)
@plan_argument
@playbook_option
@json_option
@session_options
def command(session: Session, *, path: Path, playbook: Path | None, as_json: bool) -> None:
    """The plan's numbers are on record."""
    subject = subject_of(session, path, playbook)
    from unfelt.engines.ledger.rules import Rules
    from unfelt.engines.planning.actions import assess_plan  # Models want the records open.

    with refusing(), answering(session):
        found = assess_plan(subject.change, subject.playbook, at=subject.now)
    said = [(one, Rules.of(one.control).judge(one.rows)) for one in found]
    if as_json:
        click.echo(json.dumps({one.control.id: _plain(one, verdict) for one, verdict in said}, ensure_ascii=False))
    else:
        click.echo("\n".join(line for one, verdict in said for line in _lines(one, verdict)))
        if not found:
            click.echo(_("The plan answers nothing yet: write needs, risks, steps, people, window, costs, …"))
    raise click.exceptions.Exit(max((exit_code(verdict[0]) for _one, verdict in said), default=0))


def _lines(one: "Assessed", verdict: "Said") -> list[str]:
    from unfelt.engines.ledger.phrases import standing_name

    mark = {"pass": "✓", "fail": "✗"}.get(verdict[0], "?")
    head = f"{mark} {one.control.id}  {one.control.title!s}: {standing_name(verdict[0])}, {verdict[1]}"
    return [head, *(f"    {text}" for label, text in one.rows.lines() if text != one.rows.of)]


def _plain(one: "Assessed", verdict: "Said") -> dict[str, Any]:
    return {
        "verdict": verdict[0],
        "why": str(verdict[1]),
        "numbers": one.rows.numbers,
        "wanting": [text for _label, text in one.rows.lines() if text != one.rows.of],
        "entry": one.recorded.number if one.recorded else None,
    }
