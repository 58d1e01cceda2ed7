"""unfelt calibrate"""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import DONE, NO, UNDETERMINED, USAGE, Failure
from unfelt.cli.gating import json_option, note_judgement, record_option
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.adapters.sources.history import History
    from unfelt.documents.change import Change
    from unfelt.engines.guard.calibration.calibrate import Trials
    from unfelt.engines.guard.calibration.summary import Calibration
    from unfelt.engines.guard.calibration.trial import Ending

EXIT = {"as declared": DONE, "too many": NO, "open": UNDETERMINED}
"""Exit code by the verdict."""


@click.command(
    help=_(
        "Play the rollout on your own record, old against old, before the guard gets authority over live "
        "traffic: how often it raises a false alarm, and, with harm planted into copies of the record, what it "
        "would have caught at what cost.\n\nFILES are Parquet or CSV files with the columns time and customer and "
        "whatever the plan's metrics and segments use, or the experience directory of an earlier rollout; "
        "nothing, where the plan names the access log of old.\n\nExit code: 0 no more false alarms than "
        "declared, 1 more, 2 wrong use, 3 too few rollouts to tell."
    )
)
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--runs", type=click.IntRange(1), default=300, show_default=True, help=_("Rollouts without harm."))
@click.option(
    "--each", type=click.IntRange(1), default=20, show_default=True, help=_("Rollouts per size of harm.")
)
@click.option(
    "--harm",
    "harms",
    multiple=True,
    metavar="RATE",
    help=_("Part of the customers harmed on new, such as `1%`; may be given again [0.3% to 30%]."),
)
@click.option("--seed", type=int, default=1, show_default=True, help=_("Another one draws other customers."))
@click.option("--workers", type=click.IntRange(1), help=_("Processes at work [one for each core]."))
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help=_("Write the report as a page."))
@record_option
@json_option
@session_options
def command(
    session: Session,
    *,
    plan: Path,
    files: Sequence[Path],
    runs: int,
    each: int,
    harms: Sequence[str],
    seed: int,
    workers: int | None,
    report: Path | None,
    record: str | None,
    as_json: bool,
) -> None:
    """The played rollouts summed up, as a table, a page or JSON."""
    from unfelt.adapters.sources.history import take_history
    from unfelt.cli.progressing import progressing
    from unfelt.documents.load import load_change
    from unfelt.engines.guard.calibration.calibrate import HARMS, Trials
    from unfelt.engines.guard.calibration.summary import summed_up

    change = load_change(plan)
    trials = Trials(runs, tuple(map(_harm, harms)) or HARMS, each, seed)
    with progressing(_("Reading the recording")):
        history = take_history(
            change, files, secret=f"calibration {seed}".encode()
        )  # It never leaves this process.
    _check_sound(change, history)
    endings = _played(change, history, trials, workers=workers or os.cpu_count() or 1)
    if not endings.get(0.0):
        raise Failure(_("Stopped before the first rollout had ended: nothing to report."), code=UNDETERMINED)
    found = summed_up(change, endings)
    _tell(change, history, found, report=report, as_json=as_json)
    if record:
        from unfelt.engines.ledger.kinds import Judged

        bounds, is_open = {"beyond_budget": found.beyond_budget}, found.verdict == "open"
        numbers = _plain(history, found)["numbers"]
        judged = Judged(numbers=numbers, of="unfelt calibrate", bounds=bounds, is_open=is_open)
        note_judgement(session, plan, record, judged)
    raise click.exceptions.Exit(EXIT[found.verdict])


def _check_sound(change: "Change", history: "History") -> None:
    """Failure where the record as a whole cannot be believed: nothing that is played on it would say anything."""
    from unfelt.engines.guard.soundness import unproved, unsound

    doubt = unsound(history.account, change) or unproved(history.account, change)
    if doubt is not None:
        raise Failure(_("The record is unmeasured: {reason}.").format(reason=doubt), code=UNDETERMINED)


def _harm(text: str) -> float:
    from unfelt.documents.refusal import RefusalError
    from unfelt.documents.units import parse_fraction

    try:
        harm = parse_fraction(text)
    except RefusalError as error:
        raise Failure(f"--harm {text!r}: {error}", code=USAGE) from error
    if not 0 < harm < 1:
        raise Failure(_("--harm is {text}; it must be between 0% and 100%.").format(text=text), code=USAGE)
    return harm


def _played(
    change: "Change", history: "History", trials: "Trials", *, workers: int
) -> dict[float, list["Ending"]]:
    """The endings by size of harm, with progress on stderr; whoever interrupts gets what has ended by then."""
    from rich.console import Console
    from rich.progress import Progress

    from unfelt.engines.guard.calibration.calibrate import calibrate

    endings: dict[float, list[Ending]] = defaultdict(list)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("Rollouts played"), total=len(trials.jobs()))
        try:
            for harm, ending in calibrate(change, history, trials, workers=workers):
                endings[harm].append(ending)
                progress.advance(task)
        except KeyboardInterrupt:
            progress.console.print(_("Stopped: this is what had ended by then."))
    return endings


def _tell(
    change: "Change", history: "History", found: "Calibration", *, report: Path | None, as_json: bool
) -> None:
    from unfelt.cli.views.calibration import calibration_page, calibration_view

    if report is not None:
        report.write_text(calibration_page(change, history, found), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(_plain(history, found), ensure_ascii=False))
        return
    from rich.console import Console

    Console().print(calibration_view(change, history, found))
    if report is not None:
        click.echo(_("The page is in {report}.").format(report=report))


def _plain(history: "History", found: "Calibration") -> dict[str, Any]:
    low, high = found.false_alarms
    return {
        "verdict": found.verdict,
        "false_alarm": {"declared": found.declared, "at_least": low, "at_most": high, "confidence": 0.95},
        "budget": found.budget,
        "record": {
            "began": history.began.isoformat(),
            "seconds": history.seconds,
            "customers": history.people,
            "requests": len(history.time),
            "unparsed": history.unparsed,
            "without_customer": history.nobody,
            "gaps": [gap.plain() for gap in history.account.gaps],
        },
        "outcomes": [asdict(one) for one in found.outcomes],
        "numbers": {
            "false_alarms": high,
            "beyond_budget": found.beyond_budget[1],
            "caught": min((one.back / one.runs for one in found.outcomes if one.harm), default=0.0),
        },
    }
