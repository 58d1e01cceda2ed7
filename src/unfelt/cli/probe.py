"""unfelt probe"""

import json
from pathlib import Path

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.gating import (
    exit_code,
    json_option,
    plan_argument,
    playbook_option,
    put_on_record,
    refusing,
    subject_of,
    told,
)
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _


@click.command(
    help=_(
        "Look from outside at everything under `probes` in the plan (pages, ports, certificates, names, the "
        "authentication of mail), and put on record what was seen. Exit code: 0 all passes, 1 something fails, "
        "3 something could not be looked at or says too little."
    )
)
@plan_argument
@click.option("--control", help=_("Only the probes of this control."))
@json_option
@playbook_option
@session_options
def command(session: Session, *, path: Path, control: str | None, as_json: bool, playbook: Path | None) -> None:
    """One piece of evidence for each control that has probes."""
    from unfelt.adapters.http import allowed
    from unfelt.engines.ledger.probing import probed

    subject = subject_of(session, path, playbook)
    from unfelt.engines.ledger.gates.drafting import must_take  # Models want the records open.

    probes = [one for one in subject.change.probes if control in (None, one.control)]
    if not probes:
        said = _("{file} has nothing to look at: write `probes`, such as {example}.")
        example = "{control: security.measures, target: 'tcp://10.0.0.5:5432', expect: closed}"
        raise Failure(said.format(file=path, example=example), code=USAGE)
    controls = {one.control: subject.control(one.control) for one in probes}
    for asked in controls.values():
        with refusing():
            must_take(asked, "probe")
    worst, found = 0, {}
    for name, payload in probed(probes, policy=allowed()).items():
        recorded = put_on_record(session, subject, controls[name], payload)
        worst = max(worst, exit_code(recorded.verdict))
        found[name] = {
            "verdict": recorded.verdict,
            "why": str(recorded.why),
            "entry": recorded.number,
            **payload.model_dump(mode="json"),
        }
        if not as_json:
            click.echo(
                "\n".join([f"{name}: {told(recorded)}", *(f"  {label}  {saw}" for label, saw in payload.lines())])
            )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    raise click.exceptions.Exit(worst)
