"""Acting from a browser: files and the router alone, so that neither database nor worker is waited for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import Error, connection

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.handles import handle
from unfelt.conf.language import Message, _
from unfelt.records.models import Rollout
from unfelt.rollout.decide import State
from unfelt.rollout.people import note_back
from unfelt.rollout.pinning import pin_customers, unpin_customers
from unfelt.rollout.places import Places
from unfelt.rollout.reopening import would_happen
from unfelt.rollout.rollback import is_settled, targets

WRITE_WITHIN = 1.0
"""Seconds for which the answer waits for the record; the record itself may take longer."""


@dataclass(frozen=True, slots=True)
class Took:
    """What came of going back. at: since when everybody is on old; None where that failed."""

    at: datetime | None
    said: Message
    is_recorded: bool = False
    would: tuple[Message, ...] = ()
    """Of a rollout that is done: what going back would do, which has to be asked for by `reopen`."""

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 200 if self.at is not None else 409

    def plain(self) -> dict[str, Any]:
        """As JSON-ready data, in the language in force."""
        return {
            "ok": self.at is not None,
            "on_old_since": self.at and self.at.isoformat(),
            "recorded": self.is_recorded,
            "said": " ".join(str(one) for one in (self.said, *self.would)),
            "reopens": bool(self.would),
        }


def take_back(home: Path, rollout: str, *, by: str, reopen: bool = False) -> Took:
    """Everybody is on old; who asked for it is on record, now or as soon as that can be written.

    reopen: also where the rollout is done and its customers are on new for good.
    """
    found = [Path(one["router"]) for one in targets(home, name=None, listen=None) if one["rollout"] == rollout]
    place = found[0] if found else _router_of_done(rollout)
    if place is None:
        return Took(None, Message("{rollout} is not under way: there is nobody to take back.", rollout=rollout))
    if not reopen and is_settled(place):
        said, would = _would(rollout)
        return Took(None, said, would=would)
    return _taken_back(home, rollout, place, by=by)


def _router_of_done(rollout: str) -> Path | None:
    """The router whose customers are on new for good by that rollout, the newest one there."""
    try:
        row = Rollout.objects.filter(pk=rollout, state=State.DONE).first()
        if row is None or Rollout.objects.filter(directory=row.directory, began__gt=row.began).exists():
            return None
    except Error:
        return None
    place = Path(row.directory)
    return place if is_settled(place) else None


def _would(rollout: str) -> tuple[Message, tuple[Message, ...]]:
    try:
        first, *others = would_happen(Rollout.objects.select_related("revision").get(pk=rollout))
    except (Error, Rollout.DoesNotExist):
        first = Message(
            "{rollout}: customers are on new for good. Nobody was moved; going back would put all of them on old.",
            rollout=rollout,
        )
        others = []
    how = Message("Ask once more to do it: with `reopen`, or unfelt back {rollout} --reopen", rollout=rollout)
    return first, (*others, how)


def _taken_back(home: Path, rollout: str, place: Path, *, by: str) -> Took:
    try:
        at = handle(place).take_back(place)
    except RouterError as error:
        said = Message("{problem} In a terminal: unfelt back {rollout}", problem=str(error), rollout=rollout)
        return Took(None, said)
    is_recorded = _note(home, rollout, by=by, at=at)
    said = (
        Message("Everybody is on old since {at} UTC.", at=f"{at:%H:%M:%S}")
        if is_recorded
        else Message(
            "Everybody is on old since {at} UTC. It is not on record yet; the rollout notes it when it can.",
            at=f"{at:%H:%M:%S}",
        )
    )
    return Took(at, said, is_recorded)


def is_under_way(home: Path, rollout: str) -> bool:
    """By its note beside the router: no database is asked."""
    return any(one["rollout"] == rollout for one in targets(home, name=None, listen=None))


def team_of_router(home: Path, rollout: str) -> str:
    """Whose the rollout under way is, by its note beside the router: no database is asked."""
    found = [one for one in targets(home, name=None, listen=None) if one["rollout"] == rollout]
    return found[0].get("team", "") if found else ""


def pin(home: Path, rollout: str, customers: Sequence[str], *, by: str) -> str | None:
    """These customers are on old; returns what went wrong, or None."""

    def names(where: Path) -> list[str]:
        return [handle(where).name_for(where, one) for one in customers]

    return _pinning(home, rollout, names, pin_customers, by=by)


def unpin(home: Path, rollout: str, names: Sequence[str], *, by: str) -> str | None:
    """These customers, by pseudonym, are drawn like everybody else; returns what went wrong, or None."""
    return _pinning(home, rollout, lambda _directory: list(names), unpin_customers, by=by)


def _pinning(
    home: Path, rollout: str, names: Callable[[Path], list[str]], act: Callable[..., bool], *, by: str
) -> str | None:
    found = [one for one in targets(home, name=None, listen=None) if one["rollout"] == rollout]
    if not found:
        said = _("{rollout} is not under way: nobody is drawn, and nobody can be pinned.")
        return said.format(rollout=rollout)
    where = Path(found[0]["router"])
    try:
        is_recorded = act(where, names(where), rollout=rollout, by=by)
    except RouterError as error:
        return str(error)
    if not is_recorded:
        return _("It is done, but could not be recorded now. Do it again once the records answer.")
    return None


def _note(home: Path, rollout: str, *, by: str, at: datetime) -> bool:
    """Whether it is on record by now."""
    done: list[bool] = []

    def write() -> None:
        try:
            row = Rollout.objects.get(pk=rollout)
            done.append(note_back(row, places=Places(home), by=by, at=at))
        except (Error, Rollout.DoesNotExist):
            done.append(False)
        finally:
            connection.close()

    thread = Thread(target=write, daemon=True)
    thread.start()
    thread.join(WRITE_WITHIN)
    return done == [True]
