"""unfelt run-control"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from unfelt.cli.evidence import renaming
from unfelt.cli.failures import UNDETERMINED
from unfelt.cli.gating import (
    json_option,
    plan_digest_option,
    playbook_option,
    put_on_record,
    refusing,
    subject_of,
    tell,
)
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Let a program answer a control: its exit code, and its numbers beside the control's limits. The numbers "
        "are those of a report that it writes (JUnit, SARIF, CycloneDX, Trivy, Locust, k6, JSON, CSV), or of JSON "
        "on the last line of output; parts as fractions, times in seconds. What hangs or floods is stopped with "
        "everything it started, and was not run. It is told by UNFELT_CANDIDATE, UNFELT_OLD and UNFELT_NEW what "
        "to try.\n\nExit code: 0 it passes, 1 it fails, 3 it was not run or says too little."
    )
)
@click.argument("control")
@click.argument("words", metavar="PROGRAM...", nargs=-1, required=True)
@click.option("--plan", "path", type=click.Path(path_type=Path), default="change.yaml", show_default=True)
@click.option(
    "--within", default="10m", show_default=True, metavar="DURATION", help=_("It is stopped after that.")
)
@click.option("--report", type=click.Path(path_type=Path), help=_("The report that it writes."))
@click.option("--against", type=click.Path(path_type=Path), help=_("The same report of the old version."))
@click.option("--peak", type=float, metavar="RATE", help=_("The peak that a load is held against, requests/s."))
@click.option("--as", "renamed", multiple=True, metavar="NAME=FOUND", help=_("What a number is called there."))
@plan_digest_option
@json_option
@playbook_option
@session_options
def command(
    session: Session,
    *,
    control: str,
    words: Sequence[str],
    path: Path,
    within: str,
    report: Path | None,
    against: Path | None,
    peak: float | None,
    renamed: Sequence[str],
    plan_digest: str | None,
    as_json: bool,
    playbook: Path | None,
) -> None:
    """The program's answer is on record with its output."""
    from unfelt.cli.plan import read_option
    from unfelt.documents.units import parse_duration
    from unfelt.engines.ledger.gates.commands import printed, run_program
    from unfelt.engines.ledger.intake import Brought, Kept
    from unfelt.engines.ledger.intake import ran as with_report
    from unfelt.engines.ledger.programs import CommandRan

    names = dict(renaming(text) for text in renamed)
    limit = read_option("--within", within, parse_duration)
    subject = subject_of(session, path, playbook)
    subject.must_be(plan_digest)
    from unfelt.engines.ledger.gates.drafting import must_take  # Models want the records open.

    asked = subject.control(control)
    with refusing():
        must_take(asked, "command")
    ran = run_program(words, within=limit, told=_told(subject.about.plan or {}))
    found = CommandRan(program=words[0], code=ran.code, why=str(ran.why or ""), numbers=printed(ran.output))
    kept = Kept(found)
    if report is not None and ran.code is not None:
        with refusing(UNDETERMINED):
            kept = with_report(Brought("report", file=report, against=against, peak=peak), found)
    numbers = dict(kept.payload.numbers)
    numbers |= {name: numbers[source] for name, source in names.items() if source in numbers}
    payload = kept.payload.model_copy(update={"numbers": numbers})
    recorded = put_on_record(session, subject, asked, payload, artefact=ran.output, beside=kept.beside)
    tell(recorded, as_json=as_json)


def _told(plan: Mapping[str, Any]) -> dict[str, str]:
    """What it is to try, as variables of its environment: the candidate, and where both versions answer."""
    rollout = plan.get("rollout") or {}
    found = {"UNFELT_CANDIDATE": plan.get("candidate"), "UNFELT_OLD": rollout.get("old")}
    return {name: str(said) for name, said in {**found, "UNFELT_NEW": rollout.get("new")}.items() if said}
