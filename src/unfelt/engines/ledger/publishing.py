"""The newest checkpoint at every place that the installation names; what, where and when is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from unfelt.adapters.publishing import Place, PublishError
from unfelt.conf.settings import Settings
from unfelt.engines.ledger.covering import cover_all
from unfelt.engines.ledger.published import name_of, text_of
from unfelt.engines.ledger.sealing import own_keys, seal_due
from unfelt.records.covering import is_there
from unfelt.records.models import Checkpoint, Publication

LONGEST_WAIT = timedelta(hours=1)
FIRST_WAIT = timedelta(minutes=1)


def places_of(settings: Settings, home: Path) -> tuple[Place, ...]:
    """Where checkpoints of that installation are published."""
    from unfelt.adapters.publishing.file import File
    from unfelt.adapters.publishing.git import Git
    from unfelt.adapters.publishing.mail import Mailbox

    said = settings.publish
    found: list[Place] = []
    if said.file is not None:
        found.append(File(said.file))
    if said.git:
        found.append(Git(said.git))
    if said.mail and settings.mail is not None:
        found.append(Mailbox(settings.mail, said.mail))
    if said.tsa and said.tsa_roots is not None:
        from unfelt.adapters.http import Policy
        from unfelt.adapters.publishing.rfc3161 import Authority  # Seldom needed, and slow to load.

        found.append(Authority(said.tsa, said.tsa_roots, home / "stamps", Policy(settings.networks)))
    return tuple(found)


def keep_up(settings: Settings, *, now: datetime) -> None:
    """What is due is signed for and published; the console calls it every few seconds."""
    ring = own_keys()
    if ring is None:
        return
    cover_all(at=now)
    seal_due(now=now)
    publish_due(places_of(settings, ring.directory.parent), now=now)


def publish_due(places: Sequence[Place], *, now: datetime, at_once: bool = False) -> None:
    """Each place has the newest checkpoint, or it is on record why not; one that fails does not stop the others.

    at_once: whatever waits for its time does not.
    """
    newest = Checkpoint.objects.order_by("-sequence").first()
    for place in places if newest is not None else ():
        row = _due(place, newest, now=now, at_once=at_once)
        if row is not None:
            _publish(place, newest, row, now=now)


def _due(place: Place, newest: Checkpoint, *, now: datetime, at_once: bool) -> Publication | None:
    """The row to fill; None where the place has it, or it is not time yet."""
    rows = Publication.objects.filter(place=place.name)
    last = rows.exclude(published_at=None).order_by("-sequence").first()
    if last is not None and last.sequence >= newest.sequence:
        return None
    waiting: Publication | None = rows.filter(published_at=None).first()
    if not at_once:
        if last is not None and now - last.published_at < place.every:
            return None
        if waiting is not None and now < waiting.next_at:
            return None
    return waiting or Publication(place=place.name, next_at=now)


def _publish(place: Place, newest: Checkpoint, row: Publication, *, now: datetime) -> None:
    row.sequence, row.digest = newest.sequence, newest.digest
    try:
        row.receipt = place.publish(name_of(newest.sequence), text_of(newest).encode())
    except (PublishError, OSError) as error:
        row.failures += 1
        row.next_at = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.failures - 1, 10))
        row.problem = str(error)[:500]
    else:
        row.published_at, row.problem = now, ""
    row.save()


@dataclass(frozen=True, slots=True)
class PlaceStanding:
    """What a place has, since when, and why it has nothing newer."""

    place: str
    sequence: int | None
    at: datetime | None
    problem: str


def standings() -> list[PlaceStanding]:
    """Every place that checkpoints were published at, or should have been."""
    found: dict[str, PlaceStanding] = {}
    for row in Publication.objects.order_by("sequence") if is_there(Publication) else ():
        before = found.get(row.place)
        if row.published_at is not None:
            found[row.place] = PlaceStanding(row.place, row.sequence, row.published_at, "")
        else:
            last = (before.sequence, before.at) if before else (None, None)
            found[row.place] = PlaceStanding(row.place, *last, row.problem)
    return list(found.values())
