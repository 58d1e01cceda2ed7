"""unfelt erase"""

import getpass
from collections.abc import Sequence

import click

from unfelt.cli.gating import json_option, refusing, tell_entry
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _, ngettext


@click.command(
    help=_(
        "Erase files that are kept with evidence: personal data, or what may be kept no longer. A tombstone "
        "stays, with who erased it and why: `unfelt verify` names it and holds. Numbers, verdicts and plans stay "
        "as they are, and so do copies in backups. What a rollout is verified from is not erased."
    )
)
@click.argument("digests", metavar="DIGEST...", nargs=-1, required=True)
@click.option("--because", "why", metavar="REASON", required=True, help=_("It stays in the place of the file."))
@click.option("--by", metavar="NAME", help=_("Who erases it [who is logged in]."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@json_option
@session_options
def command(
    session: Session, *, digests: Sequence[str], why: str, by: str | None, yes: bool, as_json: bool
) -> None:
    """The bytes are gone, and an entry says so."""
    from unfelt.engines.ledger.asked import EraseAsked

    with refusing():
        reason = EraseAsked.of({"sure": "yes", "why": why}).why
    session.connect()
    from unfelt.engines.ledger.erasing import erase_artefacts  # Models want the records open.
    from unfelt.records.business_time import business_now

    if not yes:
        said = ngettext("Erase {n} file for ever?", "Erase {n} files for ever?", len(digests))
        click.confirm(said.format(n=len(digests)), abort=True, err=True)
    with refusing(), answering(session):
        number = erase_artefacts(digests, why=reason, by=by or getpass.getuser(), at=business_now())
    tell_entry(number, as_json=as_json)
