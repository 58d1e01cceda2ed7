"""unfelt report"""

import click

from unfelt.cli.session import Session, answering, say_if_mission, session_options
from unfelt.conf.language import _


@click.command(help=_("The proof report of a rollout, ended or not."))
@click.argument("rollout", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("The report as JSON."))
@session_options
def command(session: Session, rollout: str | None, *, as_json: bool) -> None:
    """The report as it stands."""
    from unfelt.cli.run import show_report

    row = session.rollout(rollout)
    from unfelt.rollout.report import report_of
    from unfelt.rollout.start import planned

    with answering(session):
        say_if_mission()
        report = report_of(row, planned(row))
    from rich.console import Console

    show_report(report, console=Console(), as_json=as_json)
