"""unfelt worker"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from unfelt.cli.failures import NO
from unfelt.cli.session import Session, answering, say_left_out, session_options
from unfelt.conf.language import _

SOON = 0.5
"""Seconds in which a signal is seen."""
CONSOLE = "http://127.0.0.1:8377"
"""Where the console is if nothing is said."""


@click.command(
    help=_(
        "The worker: tells members, serves webhooks, signs the ledger, clears away what is old.\n\n`unfelt serve` "
        "has one inside. Several may run at once, on one machine or, with PostgreSQL, on many: each job is done "
        "by one of them, and taken over from one that died.\n\nExit code: 0 done, 1 with --once: a job failed."
    )
)
@click.option("--once", is_flag=True, help=_("Do what is due now, and end."))
@session_options
def command(session: Session, *, once: bool) -> None:
    """Until it is interrupted; what it has then is finished within seconds, or left to another worker."""
    from unfelt.conf.settings import settings
    from unfelt.web.site.settings import connect_console

    home = session.home.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with answering(session):
        connect_console(home, session.database)
        from unfelt.engines.jobs import jobs  # Models want the records open.
        from unfelt.rollout.work.execution import Place
        from unfelt.rollout.work.worker import Worker, working

        base = settings().url
        if not base:
            say(_("UNFELT_URL is not set: links in mails lead to {address}").format(address=CONSOLE))
        worker = Worker(jobs(), Place(home, base or CONSOLE), say=say)
    say_left_out()
    with _until_interrupted() as stopped:
        say(_("worker {name} runs: {jobs}").format(name=worker.name, jobs=", ".join(jobs())))
        if once:
            with answering(session):
                worker.run_once(stopped)
            raise click.exceptions.Exit(NO if worker.failures else 0)
        with working(worker):
            while not stopped.wait(SOON):
                pass  # A signal that another thread of the process was given wakes nobody.
            say(_("worker {name} ends").format(name=worker.name))


def say(line: str) -> None:
    """A line of the log, with its time."""
    click.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}")


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """Within the block a signal to end sets the event."""
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_signal: stopped.set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
