"""unfelt run"""

import getpass
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import Message, _

if TYPE_CHECKING:
    from rich.console import Console

    from unfelt.cli.views.live import Progress
    from unfelt.documents.change import Change
    from unfelt.engines.ledger.standards import Standards
    from unfelt.records.models import Rollout
    from unfelt.rollout.clock import Clock
    from unfelt.rollout.preconditions import Outside

EXIT = {"done": 0, "back": 1, "spent": 1}
"""Exit code by the state in which the rollout ended; anything else could not be determined."""


@click.command(
    help=_(
        "Move customers over, a few at a time, and prove the change unfelt or take them back.\n\nStarted "
        "again after any interruption it goes on where it was. Exit code: 0 done, 1 taken back, 2 wrong use, "
        "3 could not be determined."
    )
)
@click.argument("plan", type=click.Path(path_type=Path), default="change.yaml")
@click.option(
    "--json", "as_json", is_flag=True, help=_("One JSON object for each look, and the report at the end.")
)
@click.option("--recorded", metavar="NAME", help=_("The newest plan of that change on record, instead of a file."))
@click.option(
    "--reset-budget", metavar="REASON", help=_("Count attempts and the impact budget anew; goes on record.")
)
@click.option("--outside-window", metavar="REASON", help=_("Begin outside the plan's window, for this reason."))
@click.option("--agreed-by", metavar="NAME", help=_("The second person who agrees to that."))
@session_options
def command(
    session: Session,
    plan: Path,
    *,
    as_json: bool,
    recorded: str | None,
    reset_budget: str | None,
    outside_window: str | None,
    agreed_by: str | None,
) -> None:
    """The rollout from where it is to its end, and its report."""
    from unfelt.cli.session import answering
    from unfelt.documents.load import load_change
    from unfelt.engines.ledger.standards import standards_of

    read = load_change(plan) if recorded is None else None
    from rich.console import Console

    console = Console(stderr=as_json)
    with answering(session):
        from unfelt.rollout.retries import answered

        answered(session.connect_or_raise, say=partial(_say, console))
        change = read or _on_record(str(recorded))
        if reset_budget:
            from unfelt.rollout.start import reset_budget as reset

            reset(change.change.id, reason=reset_budget, by=getpass.getuser(), at=datetime.now(UTC))
        place = standards_of(plan)
        is_recorded = recorded is not None
        outside = _outside(outside_window, agreed_by)
        if not is_recorded:
            _say_if_ungated(console, change)
        given: dict[str, Any] = {"place": place, "must_say": is_recorded, "outside": outside}
        report = run_rollout(session, change, console=console, as_json=as_json, **given)
    show_report(report, console=console, as_json=as_json)
    sys.exit(EXIT.get(report["final"], 3))


def _outside(reason: str | None, agreed_by: str | None) -> "Outside | None":
    from unfelt.rollout.preconditions import Outside

    if bool(reason) != bool(agreed_by):
        raise Failure(_("--outside-window and --agreed-by go together."), code=USAGE)
    return Outside(reason, getpass.getuser(), agreed_by) if reason and agreed_by else None


def _on_record(name: str) -> "Change":
    from unfelt.documents.revision import restored
    from unfelt.records.models import ChangeRow

    row = ChangeRow.objects.filter(name=name).select_related("revision").first()
    if row is None:
        said = _("No plan of a change {name} is on record. Plans are kept by: unfelt assess, or in the console.")
        raise Failure(said.format(name=name), code=USAGE)
    return restored(json.loads(row.revision.canonical))


def run_rollout(
    session: Session,
    plan: "Change",
    *,
    console: "Console",
    as_json: bool = False,
    title: str = "",
    clock: "Clock | None" = None,
    place: "Standards | None" = None,
    must_say: bool = False,
    outside: "Outside | None" = None,
) -> dict[str, Any]:
    """The report of the rollout once it has ended; live progress until then.

    With `as_json` every look is one line of JSON on standard output, and sentences go to `console`. The clock is
    this machine's unless another is given; place: the playbook, programme and catalog that it is judged by.
    must_say: a plan that does not say how carefully it is taken is refused.
    """
    from unfelt.cli.views.live import Progress
    from unfelt.rollout.assemble import at_work, the_only_guard
    from unfelt.rollout.decide import rollout_of
    from unfelt.rollout.places import Places
    from unfelt.rollout.preconditions import note_end
    from unfelt.rollout.report import report_of
    from unfelt.rollout.retries import answered
    from unfelt.rollout.start import enter, finished, planned
    from unfelt.rollout.workflow import run

    places, say = Places(session.home), partial(_say, console)
    with the_only_guard(places, plan.change.id):
        done = answered(lambda: finished(plan), say=say)
        if done is not None:
            _say(console, _("{rollout} is done: everybody is on new. Nothing to do.").format(rollout=done.id))
            return report_of(done, planned(done))
        given: dict[str, Any] = {"places": places, "place": place, "must_say": must_say, "outside": outside}
        rollout = answered(lambda: enter(plan, at=datetime.now(UTC), **given), say=say)
        _say_if_edited(console, rollout, plan)
        _say_if_shared(console, rollout, plan)
        change = planned(rollout)
        from rich.console import Console

        screen = Console() if as_json else console
        with Progress(screen, title=title or str(change.change.title), as_json=as_json) as shown:
            complain = say if as_json else shown.complain
            with ExitStack() as stack:
                opened = stack.enter_context(_stopping(shown, rollout_of(change).listen))
                worker = answered(
                    lambda: stack.enter_context(
                        at_work(
                            change,
                            rollout,
                            places=places,
                            show=lambda tick: shown.show(tick.status),
                            complain=complain,
                            clock=clock,
                        )
                    ),
                    say=complain,
                )
                opened.set()
                _say_where(complain, change)
                run(rollout.id, worker, database=session.workflow_database)
                worker.journal.reconnect()  # Hours may have passed for the connection of this thread.
                answered(lambda: note_end(change), say=complain)
                answered(lambda: worker.sealer.seal(at=datetime.now(UTC)), say=complain)
        places.forget(rollout.id)
        rollout.refresh_from_db()
        return report_of(rollout, change)


def show_report(report: dict[str, Any], *, console: "Console", as_json: bool) -> None:
    """The report, as JSON on standard output or as text."""
    from unfelt.cli.views.proof import proof_view

    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        console.print(proof_view(report))


def _say(console: "Console", sentence: str) -> None:
    console.print(sentence, style="yellow", markup=False, soft_wrap=True)


def _say_where(say: "Callable[[str], None]", change: "Change") -> None:
    from unfelt.rollout.decide import rollout_of

    plan = rollout_of(change)
    said = _("The router listens on {listen}: customers come through it. Behind it: old {old}, new {new}.")
    say(said.format(listen=f"{'https' if plan.tls else 'http'}://{plan.listen}", old=plan.old, new=plan.new))


def _say_if_ungated(console: "Console", plan: "Change") -> None:
    from unfelt.conf.settings import settings
    from unfelt.documents.load import load_playbook
    from unfelt.engines.ledger.gates.models import is_asked
    from unfelt.engines.ledger.gates.tiers import unagreed
    from unfelt.rollout.start import open_rollout

    if open_rollout(plan.change.id) is not None:
        return
    if not is_asked(plan, load_playbook(settings().playbook)) and not unagreed(plan):
        said = _(
            "NO GATE HOLDS THIS CHANGE: its plan has no `tier`. Nothing is asked for before customers are moved, "
            "and nobody signs. To have it asked for: change.tier: normal"
        )
        console.print(said, style="bold red", markup=False, soft_wrap=True)


def _say_if_edited(console: "Console", rollout: "Rollout", plan: "Change") -> None:
    from unfelt.documents.revision import revise

    if rollout.revision_id != revise(plan).digest:
        note = _("The plan was edited; rollout {rollout} goes on under the revision it began with.")
        _say(console, note.format(rollout=rollout.id))


def _say_if_shared(console: "Console", rollout: "Rollout", plan: "Change") -> None:
    from unfelt.rollout.decide import State, rollout_of
    from unfelt.rollout.reach import shared_answers

    if rollout.state == State.PREPARED:
        given = rollout_of(plan)
        authorities = given.services.ca if given.services else None
        for warning in shared_answers(given.old, given.new, authorities=authorities):
            _say(console, str(warning))


@contextmanager
def _stopping(shown: "Progress", listen: str) -> Iterator[Event]:
    """Interrupted within the block, the process leaves at once as after a crash: the records know how to go on.

    Nothing else is needed to put everybody on old: the lease is served by this process and ends with it. Before
    the event given is set, a router that was begun for this alone is stopped first.
    """
    opened = Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        shown.__exit__(None, None, None)
        said = Message("Stopped: customers go back to old within seconds. The same command goes on from here.")
        sys.stdout.flush()
        print("\n" + str(said), file=sys.stderr, flush=True)
        if opened.is_set():
            stays = _(
                "The router stays on {listen}. To end it, and its customers' way: unfelt router --stop {listen}"
            )
            print(stays.format(listen=listen), file=sys.stderr, flush=True)
        else:
            sys.exit(128 + number)
        os._exit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield opened
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
