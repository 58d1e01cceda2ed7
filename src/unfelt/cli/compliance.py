"""unfelt compliance"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import NO
from unfelt.cli.gating import json_option, plan_argument, playbook_option, subject_of, write_page
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.engines.ledger.gates.compliance import AreaStanding, Compliance


@click.command(
    help=_(
        "How much of the playbook a change has answered, and how: observed, derived, read, stated, signed, "
        "waived, not applicable or open, by area and by the clauses of standards. Exit code: 0 nothing is open, 1 "
        "something is."
    )
)
@plan_argument
@playbook_option
@click.option("--report", type=click.Path(path_type=Path), help=_("Write a page (HTML) too."))
@json_option
@session_options
def command(session: Session, *, path: Path, playbook: Path | None, report: Path | None, as_json: bool) -> None:
    """The counts as they stand now."""
    subject = subject_of(session, path, playbook)
    from unfelt.engines.ledger.gates.compliance import compliance_of

    standing = subject.evaluated(session)
    if report is not None:
        write_page(report, subject, standing)
    found = compliance_of(subject.playbook, standing)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False))
    else:
        from rich.console import Console

        from unfelt.cli.views.gates import compliance_view

        Console().print(compliance_view(found))
    raise click.exceptions.Exit(NO if found.total["open"] else 0)


def _plain(found: "Compliance") -> dict[str, Any]:
    def area(one: "AreaStanding") -> dict[str, Any]:
        return {"area": one.area.id, "open": list(one.open), "counts": dict(one.counts)}

    return {
        "total": dict(found.total),
        "areas": [area(one) for one in found.areas],
        "standards": {
            name: [{"clauses": one.clauses, **area(one.area)} for one in clauses]
            for name, clauses in found.standards.items()
        },
    }
