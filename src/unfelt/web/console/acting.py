"""Going back from a browser: files and the router alone, so that neither database nor worker is waited for."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import Error, connection

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.back import take_back as router_back
from unfelt.conf.language import Message
from unfelt.records.models import Rollout
from unfelt.rollout.people import note_back
from unfelt.rollout.places import Places
from unfelt.rollout.taking_back import targets

WRITE_WITHIN = 1.0
"""Seconds for which the answer waits for the record; the record itself may take longer."""


@dataclass(frozen=True, slots=True)
class Took:
    """What came of going back. at: since when everybody is on old; None where that failed."""

    at: datetime | None
    said: Message
    is_recorded: bool = False

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
            "said": str(self.said),
        }


def take_back(home: Path, rollout: str, *, by: str) -> Took:
    """Everybody is on old; who asked for it is on record, now or as soon as that can be written."""
    found = [one for one in targets(home, name=None, listen=None) if one["rollout"] == rollout]
    if not found:
        return Took(None, Message("{rollout} is not under way: there is nobody to take back.", rollout=rollout))
    try:
        at = router_back(Path(found[0]["router"]))
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
