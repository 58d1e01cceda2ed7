"""unfelt mission"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import click

from unfelt.cli.failures import NO, Failure
from unfelt.cli.gating import json_option
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _


@click.group(
    help=_(
        "A mission store: an installation in which a whole change is played, with simulated people and a business "
        "clock that can be moved forward. It is one from its first entry on, and every page and report says so."
    )
)
def command() -> None:
    """The commands below."""


@command.command(
    "init",
    help=_(
        "Make this installation a mission store, before anything else is in its ledger. TRUTH is the file that "
        "says what is simulated: its digest goes on record now, and it is opened afterwards."
    ),
)
@click.argument("truth", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--seed", type=int, required=True, help=_("That everything simulated was drawn from."))
@session_options
def init(session: Session, truth: Path, *, seed: int) -> None:
    """The first entry of the ledger says it."""
    session.connect()
    from unfelt.engines.ledger.mission import MissionError, found_mission  # Models want the records open.

    digest = hashlib.sha256(truth.read_bytes()).hexdigest()
    try:
        with answering(session):
            found_mission(seed=seed, truth=digest, at=datetime.now(UTC))
    except MissionError as error:
        raise Failure(error.message, code=NO) from error
    click.echo(_("This is a mission store now. The truth is sealed: {digest}").format(digest=digest))


@command.command("step", help=_("Move the business clock forward by LENGTH, such as `14d`; goes on record."))
@click.argument("length", metavar="LENGTH")
@session_options
def step(session: Session, length: str) -> None:
    """Gates, ages, windows and days that are due go by the new time; guard and router do not."""
    from unfelt.cli.plan import read_option
    from unfelt.documents.units import parse_duration

    by = read_option("LENGTH", length, parse_duration)
    session.connect()
    from unfelt.engines.ledger.mission import MissionError, step  # Models want the records open.

    try:
        with answering(session):
            number, then = step(by, at=datetime.now(UTC))
    except MissionError as error:
        raise Failure(error.message, code=NO) from error
    said = _("The business clock shows {time} UTC now. On record as entry {number}.")
    click.echo(said.format(time=f"{then:%Y-%m-%d %H:%M}", number=number))


@command.command(
    "show", help=_("Whether this is a mission store, and what its clock shows. Exit code: 0 it is, 1 not.")
)
@json_option
@session_options
def show(session: Session, *, as_json: bool) -> None:
    """Seed, digest of the truth, business time."""
    import json

    session.connect()
    from unfelt.engines.ledger.mission import mission_here  # Models want the records open.
    from unfelt.records.business_time import business_now

    with answering(session):
        found, now = mission_here(), business_now()
    if found is None:
        raise Failure(_("This is no mission store."), code=NO)
    plain = {"seed": found.seed, "truth": found.truth, "born": found.born.isoformat(), "now": now.isoformat()}
    said = _("Mission store of seed {seed}; truth {truth}; its business clock shows {now} UTC.")
    text = said.format(seed=found.seed, truth=found.truth, now=f"{now:%Y-%m-%d %H:%M}")
    click.echo(json.dumps(plain) if as_json else text)
