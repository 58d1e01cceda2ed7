"""unfelt demo"""

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.demo.acts import ACTS, Act, play
from unfelt.cli.demo.watching import console_of
from unfelt.cli.failures import USAGE, Failure
from unfelt.conf.language import _

if TYPE_CHECKING:
    from rich.console import Console


MARK = ".demo"
"""Lies in a directory that a demo may empty."""


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
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 100)
    _clear(home)
    with console_of(home) as line:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
        wrong = _play_all(console, seeds=seeds, seed=seed, act=act, home=home)
        if sys.stdin.isatty() and sys.stdout.isatty():
            click.pause(_("The console stays open until you press a key."))
    sys.exit(bool(wrong))


def _play_all(console: "Console", *, seeds: int, seed: int, act: int | None, home: Path) -> int:
    """How many acts did not end as they ought to."""
    chosen = [(number, one) for number, one in enumerate(ACTS, 1) if act in (None, number)]
    results = [
        _play(one, number, home=home, seed=first, console=console)
        for first in range(seed, seed + seeds)
        for number, one in chosen
    ]
    console.rule(_("What happened"))
    for result in results:
        console.print(result.line(), markup=False, highlight=False)
    wrong = sum(not result.is_right for result in results)
    console.print(_("{right} of {all} acts ended right.").format(right=len(results) - wrong, all=len(results)))
    console.print(
        _("Your own change: unfelt new, unfelt check, unfelt run. Everything of this demo is in {home}.").format(
            home=home
        )
    )
    return wrong


@dataclass(frozen=True, slots=True)
class Played:
    """An act that is over."""

    act: Act
    seed: int
    report: dict[str, Any]
    seconds: float

    @property
    def is_right(self) -> bool:
        """It ended as it ought to."""
        return self.act.is_right(self.report)

    def line(self) -> str:
        """What happened, in a line."""
        from unfelt.rollout.phrases import state_name

        text = _(
            "{sign} {title} (seed {seed}): {state} after {seconds:.0f} s{cell}; at most {at_most} of {exposed} "
            "customers on new affected (budget {budget})"
        )
        cell = " · ".join(part for part in (self.report["metric"], self.report["segment"]) if part)
        return text.format(
            sign="✓" if self.is_right else "✗",
            title=self.act.title,
            seed=self.seed,
            state=state_name(self.report["final"]),
            seconds=self.seconds,
            cell=f", {cell}" if cell and self.report["final"] == "back" else "",
            at_most=self.report["affected"]["at_most"],
            exposed=self.report["customers"]["exposed"],
            budget=self.report["affected"]["budget"],
        )


def _clear(home: Path) -> None:
    """The directory is there and empty; only a former demo's is ever emptied."""
    from unfelt.adapters.routers.handles import handle

    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        said = _("{home} holds something else than a demo. Name a directory that is empty or not there.")
        raise Failure(said.format(home=home), code=USAGE)
    for router in (home / "routers").glob("*"):
        handle(router).stop(router)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    (home / MARK).touch()


def _play(act: Act, number: int, *, home: Path, seed: int, console: "Console") -> Played:
    from unfelt.cli.views.proof import proof_view
    from unfelt.rollout.phrases import outcome, way_back

    console.rule(_("Act {number}: {title}").format(number=number, title=act.title))
    began = time.monotonic()
    report = play(act, number, directory=home, seed=seed, console=console)
    short = " ".join(filter(None, (outcome(report), report["because"], way_back(report))))
    console.print(proof_view(report) if act.state == "done" else short)
    return Played(act, seed, report, time.monotonic() - began)
