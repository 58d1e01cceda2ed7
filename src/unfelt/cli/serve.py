"""unfelt serve"""

import getpass
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType

import click

from unfelt.cli.demo.shop import examples
from unfelt.cli.failures import UNDETERMINED, USAGE, Failure
from unfelt.cli.session import Session, answering, say_left_out, session_options
from unfelt.conf.language import _, language

EXAMPLE = "unfelt-example"
GRACE = 10
"""Seconds for a guard to end after it was asked to."""


@click.command(
    help=_(
        "The console: watch rollouts in a browser, stop them, agree to what the guard proposes.\n\nWith plans it "
        "also runs them, each in a process of its own, as `unfelt run` does."
    )
)
@click.argument("plans", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--listen", default="127.0.0.1:8377", show_default=True, metavar="HOST:PORT", help=_("Its address."))
@click.option(
    "--example",
    is_flag=True,
    help=_("Look around in an example organisation; it is made in ./unfelt-example at the first time."),
)
@click.option(
    "--no-worker", is_flag=True, help=_("Without the worker inside: one runs elsewhere, `unfelt worker`.")
)
@session_options
def command(session: Session, plans: Sequence[Path], *, listen: str, example: bool, no_worker: bool) -> None:
    """Until it is interrupted; the guards that it began end with it, as if interrupted themselves."""
    from unfelt.documents.load import load_change

    host, port = _address(listen)
    if example:
        session = _example(plans)
    for plan in plans:
        load_change(plan)  # What is wrong is said before anything begins.
    with _ending_well(), _guards(session, plans):
        serve(session, host=host, port=port, has_worker=not no_worker)


def _example(plans: Sequence[Path]) -> Session:
    """The example organisation, made if it is not there; the process goes on in its directory."""
    if plans:
        raise Failure(_("An example has plans of its own: name either plans or --example."), code=USAGE)
    place = Path(EXAMPLE)
    if not (place / ".unfelt" / "records.db").exists():
        click.echo(_("Making an example organisation in {place} …").format(place=place))
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=f".{EXAMPLE}-") as making:
            seeding = (sys.executable, str(examples() / "organisation" / "seed.py"), f"{making}/made")
            made = subprocess.run(seeding, capture_output=True, text=True, check=False)
            if made.returncode:
                said = _("The example could not be made: {problem}")
                raise Failure(said.format(problem=made.stderr.strip()[-500:]), code=UNDETERMINED)
            (Path(making) / "made").rename(place)
    os.chdir(place)
    os.environ.setdefault("UNFELT_NETWORKS", "example=127.0.0.1/32")  # Its plans look at this machine.
    home = Path(".unfelt")
    return Session(home, f"sqlite:///{(home / 'records.db').resolve()}")


def serve(session: Session, *, host: str, port: int, has_worker: bool = True) -> None:
    """The console at that address; a link to it is printed. Port 0 takes a free one.

    Who runs it is an admin with every role, unless they are a member already. has_worker: a worker runs inside.
    """
    import uvicorn

    from unfelt.conf.settings import settings
    from unfelt.engines.rights import ROLES
    from unfelt.web.access.links import make_link
    from unfelt.web.site.settings import application

    home = session.home.resolve()
    with answering(session), _listening(host, port) as listener:
        app = application(home, session.database, host=host)
        from unfelt.engines.jobs import jobs
        from unfelt.records.models import ChangeRow, Member  # Models want the records open.
        from unfelt.rollout.beginning import begin_again
        from unfelt.rollout.work.execution import Place
        from unfelt.rollout.work.worker import Worker, working
        from unfelt.web.access import machine_token
        from unfelt.web.accounts.logins import has_credentials
        from unfelt.web.patience import PatientProtocol, most_connections

        here = f"{_spelled(host)}:{listener.getsockname()[1]}"
        begin_again(home)
        machine_token.make(home)  # It is there for scripts from now on.
        base, name = settings().url or f"http://{here}", getpass.getuser()
        me = Member.objects.filter(name__iexact=name).first()
        if me is not None and has_credentials(me):
            click.echo(_("Console: {address}").format(address=f"{base}/"))
        else:
            click.echo(link_line(base, make_link(home, by=name, roles=ROLES)))
        if not ChangeRow.objects.exists():
            click.echo(
                _("No change is on record here yet. To look around in an example first: unfelt serve --example")
            )
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            limit_concurrency=most_connections(),
            log_level="critical",
            lifespan="off",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        every_job = jobs()
        say_left_out()
        with working(Worker(every_job, Place(home, base))) if has_worker else nullcontext():
            uvicorn.Server(config).run(sockets=[listener])


def link_line(at: str, token: str) -> str:
    """Where to open the console."""
    return _("Console, for one login within the hour: {link}").format(link=f"{at}/login/{token}/")


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        said = _(
            "The console cannot listen on {host}:{port} ({error}). Choose another address: --listen HOST:PORT"
        )
        raise Failure(said.format(host=host, port=port, error=error.strerror), code=UNDETERMINED) from error
    with listener:
        yield listener


def _address(listen: str) -> tuple[str, int]:
    host, _colon, port = listen.rpartition(":")
    if not port.isdigit() or int(port) > 65535 or not host:
        said = _("{listen} is not an address. Allowed: HOST:PORT, such as 127.0.0.1:8377.")
        raise Failure(said.format(listen=listen), code=USAGE)
    return host.strip("[]"), int(port)


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _ending_well() -> Iterator[None]:
    """Asked to end within the block, this process leaves it as it leaves any other, and ends without an error.

    The server hands each signal on once it has shut down.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _guards(session: Session, plans: Sequence[Path]) -> Iterator[None]:
    """Within the block each plan is run by a guard of its own; afterwards none is left."""
    options = ("--home", str(session.home), "--database", session.database)
    lang = ("--lang", "zh" if language() == "zh-hans" else "en")
    command = (sys.executable, "-m", "unfelt", *lang, "run")
    guards = [subprocess.Popen((*command, str(plan), *options)) for plan in plans]
    try:
        yield
    finally:
        for guard in guards:
            guard.send_signal(signal.SIGINT)
        for guard in guards:
            try:
                guard.wait(GRACE)
            except subprocess.TimeoutExpired:
                guard.kill()
