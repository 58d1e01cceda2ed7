"""What evidence would do, said before it is on record."""

import json
from typing import TYPE_CHECKING, Any, NoReturn

import click

from unfelt.cli.failures import UNDETERMINED
from unfelt.cli.gating import Subject, exit_code, refusing
from unfelt.cli.session import Session, answering
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.playbook import Control
    from unfelt.engines.ledger.gates.foreseeing import Foreseen
    from unfelt.engines.ledger.payload import Payload

MARKS = {True: "✓", False: "✗", None: "–"}


def tell_preview(
    session: Session,
    subject: Subject,
    control: "Control",
    payload: "Payload",
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401
) -> NoReturn:
    """Nothing is on record; the exit code is that of the verdict."""
    from unfelt.documents.change import Change
    from unfelt.engines.ledger.gates.drafting import drafted
    from unfelt.engines.ledger.gates.foreseeing import foreseen, plain_foreseen
    from unfelt.engines.ledger.gates.tiers import unagreed
    from unfelt.records.business_time import business_now

    now = business_now()
    with refusing(), answering(session):
        draft = drafted(subject.about, control, payload, at=now, **given)
        change = subject.document if isinstance(subject.document, Change) else None
        lowered = unagreed(change) if change is not None else ()
        found = foreseen(draft, change, subject.place, now=now, lowered=lowered)
    if as_json:
        click.echo(json.dumps(plain_foreseen(found), ensure_ascii=False))
    else:
        _tell(found)
    code = exit_code(draft.verdict)
    raise click.exceptions.Exit(code if code or found.is_enough else UNDETERMINED)


def _tell(found: "Foreseen") -> None:
    from unfelt.engines.ledger.origins import LABELS
    from unfelt.engines.ledger.phrases import gate_name, standing_name

    draft = found.draft
    for label, text in draft.payload.lines():
        click.echo(f"  {label}: {text}")
    for one in found.beside:
        click.echo(f"  {MARKS[one.holds]} {one.name} = {one.number} ({one.limit})")
    for name, number in found.others:
        click.echo(f"    {name} = {number:g}")
    said = _("{verdict}: {why}. It would count as {origin}.")
    verdict = standing_name(draft.verdict)
    click.echo(said.format(verdict=verdict, why=draft.why, origin=LABELS[draft.origin]))
    if not found.is_enough:
        weak = _("It opens no gate: the control takes what is at least {least}.")
        click.echo(weak.format(least=LABELS[draft.control.least]))
    for gate in found.gates:
        click.echo(f"  {MARKS[gate.is_enough]} {gate_name(gate.gate)}: {gate.why}")
    if found.decided_by:
        click.echo(_("Another record decides all the same: #{n}.").format(n=found.decided_by))
    click.echo(_("Nothing is on record: leave out --preview."))
