"""unfelt verify"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import DONE, NO, UNDETERMINED
from unfelt.cli.session import Session, answering, say_if_mission, session_options
from unfelt.conf.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unfelt.engines.ledger.publishing import PlaceStanding
    from unfelt.engines.ledger.sealing import Sealing
    from unfelt.rollout.verifying import Verdict

SHOWN = 20
"""Faults that are printed; all of them are in the JSON."""


@click.command(
    help=_(
        "Recompute the whole ledger: every digest and signature, and every decision from its recorded inputs.\n\n"
        "Exit code: 0 everything is what was written, 1 a row is not, 3 not everything could be checked: nothing "
        "is signed by a key you trust, signatures are missing, or another version of unfelt decided."
    )
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help=_("Public key (PEM) that you trust, instead of those in the installation; may be given again."),
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True),
    help=_("Checkpoints that were published, a file or a directory of them: each must be in the chain."),
)
@click.option("--json", "as_json", is_flag=True, help=_("The findings as JSON."))
@session_options
def command(session: Session, keys: Sequence[Path], *, against: Path | None, as_json: bool) -> None:
    """The verdict on every row, and an exit code that says it."""
    session.connect(migrate=False)
    from unfelt.engines.ledger.keys import KeyRing, public_keys
    from unfelt.engines.ledger.published import held_against, read_published
    from unfelt.engines.ledger.publishing import standings
    from unfelt.engines.ledger.sealing import sealing
    from unfelt.rollout.places import Places
    from unfelt.rollout.verifying import verify

    trusted = public_keys(keys) if keys else KeyRing(Places(session.home).keys).public()
    with answering(session), _progress(is_shown=not as_json) as progress:
        say_if_mission()
        published = read_published(against) if against else ()
        verdict = verify(trusted, progress=progress)
        verdict.faults += held_against(published, verdict.ledger, trusted)
        state = sealing()
        places = standings()
    if as_json:
        click.echo(json.dumps(_plain(verdict, state, len(published)) | _plain_places(places), ensure_ascii=False))
    else:
        _tell(verdict, state, len(published))
        _tell_places(places)
    sys.exit(NO if verdict.faults else DONE if verdict.is_whole else UNDETERMINED)


@contextmanager
def _progress(*, is_shown: bool) -> "Iterator[Callable[[int, int], None]]":
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not is_shown) as bar:
        task = bar.add_task(_("Deciding again"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(verdict: "Verdict", state: "Sealing", published: int) -> dict[str, Any]:
    return {
        "ok": not verdict.faults and verdict.is_whole,
        "entries": verdict.ledger.entries,
        "rollouts": verdict.rollouts,
        "decisions": verdict.decisions,
        "undecided": verdict.undecided,
        "signed_until": verdict.ledger.signed_until,
        "unsigned": verdict.unsigned,
        "unsealed": verdict.unsealed,
        "unsigned_since": verdict.unsigned_since.isoformat() if verdict.unsigned_since else None,
        "key": str(state.problem) if state.problem else None,
        "against": published,
        "erased": [{"digest": one, "entry": number} for one, number in verdict.ledger.erased.items()],
        "faults": [fault.plain() for fault in verdict.faults],
    }


def _tell(verdict: "Verdict", state: "Sealing", published: int) -> None:
    from unfelt.engines.guard import VERSION

    click.echo(
        _("{entries} entries, {rollouts} rollouts; {decisions} decisions decided again from their inputs.").format(
            entries=verdict.ledger.entries, rollouts=verdict.rollouts, decisions=verdict.decisions
        )
    )
    _tell_erased(verdict.ledger.erased)
    for fault in verdict.faults[:SHOWN]:
        click.echo(f"✗ {fault}")
    if len(verdict.faults) > SHOWN:
        click.echo(_("… and {n} more: --json lists all.").format(n=len(verdict.faults) - SHOWN))
    if verdict.undecided:
        said = _(
            "{n} decisions were made by another version of the guard than this unfelt has (version {own}): their "
            "inputs are what was written, but they were not decided again."
        )
        click.echo(said.format(n=verdict.undecided, own=VERSION))
    if not verdict.is_signed:
        said = _("No entry is signed by a key that you trust. Name one: --key FILE (keys/*.pub.pem of its owner).")
        click.echo(said)
    elif verdict.unsigned:
        said = _("Newest entries not signed yet: {n}, since {at}Z. The next seal signs them.")
        click.echo(said.format(n=verdict.unsigned, at=f"{verdict.unsigned_since:%Y-%m-%d %H:%M:%S}"))
    if verdict.unsealed:
        said = _(
            "{n} of them should have been signed for as they were written: the key could not be used, or "
            "signatures were taken away. Hold the chain against a published checkpoint: --against FILE"
        )
        click.echo(said.format(n=verdict.unsealed))
    if state.problem is not None:
        click.echo(_("Nothing is signed from here: {problem}.").format(problem=state.problem))
    if published and not verdict.faults:
        click.echo(_("Checkpoints held against the chain: {n}.").format(n=published))
    if not verdict.faults and verdict.is_whole:
        click.echo(_("Every row is what was written."))


def _tell_erased(erased: "Mapping[str, int]") -> None:
    """Data that is no longer there, and the entries that say so: that is no fault."""
    if erased:
        entries = ", ".join(f"#{number}" for number in sorted(set(erased.values())))
        said = ngettext(
            "{n} artefact was erased, as entries say: {entries}.",
            "{n} artefacts were erased, as entries say: {entries}.",
            len(erased),
        )
        click.echo(said.format(n=len(erased), entries=entries))


def _plain_places(places: "Sequence[PlaceStanding]") -> dict[str, Any]:
    at = {one.place: one.at.isoformat() if one.at else None for one in places}
    said = [
        {"place": one.place, "sequence": one.sequence, "at": at[one.place], "problem": one.problem}
        for one in places
    ]
    return {"published": said}


def _tell_places(places: "Sequence[PlaceStanding]") -> None:
    for one in places:
        if one.problem:
            said = _("Not published at {place} since checkpoint {sequence}: {problem}")
            click.echo(said.format(place=one.place, sequence=one.sequence or 0, problem=one.problem))
