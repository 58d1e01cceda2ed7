"""unfelt demo"""

import shutil
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from unfelt.cli.demo.acts import ACTS, Act, play
from unfelt.conf.language import _


@click.command(
    help=_("Watch three rollouts of a shop whose checkout is really split out, over real HTTP traffic.")
)
@click.option("--seeds", default=1, show_default=True, help=_("Play all acts once for each of so many seeds."))
@click.option("--seed", default=7, show_default=True, help=_("The first seed."))
@click.option("--act", type=click.IntRange(1, len(ACTS)), help=_("Only this act."))
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=".unfelt/demo",
    show_default=True,
    help=_("Where the demo works; emptied first."),
)
def command(*, seeds: int, seed: int, act: int | None, home: Path) -> None:
    """Every act for every seed, and whether each ended right."""
    console = Console()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    chosen = [(number, one) for number, one in enumerate(ACTS, 1) if act in (None, number)]
    results = [
        _play(one, number, home=home, seed=first, console=console)
        for first in range(seed, seed + seeds)
        for number, one in chosen
    ]
    console.print(_summary(results))
    wrong = sum(not right for _act, _seed, _report, _seconds, right in results)
    console.print(_("{right} of {all} acts ended right.").format(right=len(results) - wrong, all=len(results)))
    sys.exit(bool(wrong))


def _play(
    act: Act, number: int, *, home: Path, seed: int, console: Console
) -> tuple[Act, int, dict[str, Any], float, bool]:
    from unfelt.cli.views.proof import outcome, proof_view

    console.rule(_("Act {number}: {title}").format(number=number, title=act.title))
    began = time.monotonic()
    report = play(act, number, directory=home, seed=seed, console=console)
    console.print(proof_view(report) if act.state == "done" else outcome(report) + " " + report["because"])
    return act, seed, report, time.monotonic() - began, act.is_right(report)


def _summary(results: list[tuple[Act, int, dict[str, Any], float, bool]]) -> Table:
    table = Table(title=_("What happened"))
    for name in (_("act"), _("result"), _("because"), _("affected, at most"), _("seconds"), ""):
        table.add_column(name)
    for act, seed, report, seconds, right in results:
        from unfelt.cli.views.names import state_name

        table.add_row(
            f"{act.title} ({seed})",
            state_name(report["final"]),
            report["because"],
            f"{report['affected']['at_most']} / {report['affected']['budget']}",
            f"{seconds:.0f}",
            "✓" if right else "✗",
        )
    return table
