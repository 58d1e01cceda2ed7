"""unfelt keys"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from unfelt.cli.failures import UNDETERMINED
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.engines.ledger.keys import KeyRing


@click.group(help=_("The keys that sign for the ledger."))
def command() -> None:
    """Keys are made at first start; these commands show and change them."""


@command.command("show", help=_("Who signs now, and every public key that this installation has had."))
@session_options
def show(session: Session) -> None:
    """The keys, the signing one first."""
    ring = _ring(session)
    from unfelt.engines.ledger.naming import newest_key

    with answering(session):
        told = newest_key()
    if told is None:
        click.echo(_("No key yet: the first rollout makes one."))
        return
    public = ring.public()
    for keyid in sorted(public, key=lambda one: one != told["keyid"]):
        mark = _("signs") if keyid == told["keyid"] else _("was replaced")
        click.echo(f"{keyid}  {mark}  {ring.directory / (keyid + '.pub.pem')}")


@command.command("rotate", help=_("A new key signs from here on; the one before vouches for it."))
@session_options
def rotate_key(session: Session) -> None:
    """The new key, on record."""
    ring = _ring(session)
    from unfelt.engines.ledger.naming import rotate

    _change(session, ring, lambda: rotate(ring, at=datetime.now(UTC)).public_key.keyid)


@command.command("replace", help=_("A new key signs although the one before is lost; REASON goes on record."))
@click.argument("reason")
@session_options
def replace_key(session: Session, reason: str) -> None:
    """The new key, on record with its reason; whoever trusts the ledger has to be told about it."""
    ring = _ring(session)
    from unfelt.engines.ledger.naming import replace

    _change(session, ring, lambda: replace(ring, why=reason, at=datetime.now(UTC)).public_key.keyid)


@command.command(
    "seal",
    help=_(
        "Sign for the ledger as it stands, and publish that where the UNFELT_PUBLISH_ variables say; the console "
        "does so by itself. Exit code: 0 done, 3 a place did not take it."
    ),
)
@session_options
def seal(session: Session) -> None:
    """The chain is signed for, and every place has it or is named."""
    ring = _ring(session)
    from unfelt.conf.settings import settings
    from unfelt.engines.ledger.appending import sign_chain
    from unfelt.engines.ledger.naming import signer_of
    from unfelt.engines.ledger.publishing import places_of, publish_due, standings

    now = datetime.now(UTC)
    with answering(session):
        sign_chain(signer_of(ring, at=now), at=now)
        publish_due(places_of(settings(), session.home), now=now, at_once=True)
        found = standings()
    for one in found:
        mark, said = ("✗", one.problem) if one.problem else ("✓", f"#{one.sequence}")
        click.echo(f"{mark} {one.place}: {said}")
    if any(one.problem for one in found):
        raise click.exceptions.Exit(UNDETERMINED)
    click.echo(_("The ledger is signed for."))


def _change(session: Session, ring: "KeyRing", work: Callable[[], str]) -> None:
    with answering(session):
        keyid = work()
    public = ring.directory / f"{keyid}.pub.pem"
    click.echo(
        _("{key} signs from here on. Give its public part to whoever verifies: {file}").format(
            key=keyid, file=public
        )
    )


def _ring(session: Session) -> "KeyRing":
    session.connect()
    from unfelt.engines.ledger.keys import KeyRing
    from unfelt.rollout.places import Places

    return KeyRing(Places(session.home).keys)
