"""A keeper in the foreground, for a service manager: it begins the router from its own directory, asking nobody.

After everything was killed, or the machine was started again, no guard and no database is needed: the router
serves everybody from `old` (share 0), until a guard adopts it and moves on.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.keeper import Keeper
from unfelt.adapters.routers.envoy.launch import command, last_complaint
from unfelt.adapters.routers.envoy.place import Place, locked, prepare
from unfelt.conf.language import _

LOOK_EVERY = 0.1
AGAIN = 1.0
"""Seconds before the next try where Envoy did not begin."""


@dataclass(slots=True)
class Foreground:
    """Keeps the router of one directory, in turn with keepers that guards begin."""

    place: Place
    command: tuple[str, ...]
    say: Callable[[str], None]
    asked_to_stop: bool = False
    _keeper: Keeper | None = None
    _said: str = ""

    def run(self) -> None:
        """Until it is asked to stop. A router that was ended for good is left alone until it is begun."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.ask_to_stop)
        while not self.asked_to_stop:
            with locked(self.place.keeper_lock, patience=0.0) as alone:
                if not alone:
                    self._tell(_("Another keeper is over the router; this one takes over when it ends."))
                elif self._was_ended():
                    self._tell(_("The router was ended. It goes on once a rollout begins it."))
                else:
                    self._keep()
            time.sleep(0 if self.asked_to_stop else LOOK_EVERY)

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """The router ends with this process; its journal stays, so that the next one begins it again."""
        self.asked_to_stop = True
        if self._keeper is not None:
            self._keeper.asked_to_stop = True

    def _was_ended(self) -> bool:
        return read_journal(self.place) is None

    def _keep(self) -> None:
        keeper = self._keeper = Keeper(self.place, self.command)
        if self.asked_to_stop:
            return
        if not keeper.take_over() and not keeper.has_begun():
            keeper.stop()
            if not self.asked_to_stop:
                self._tell(_("Envoy did not start: {why}").format(why=last_complaint(self.place.envoy_log)))
                time.sleep(AGAIN)
            return
        self._tell(_why_plainly(self.place) if keeper.plainly else _("The router is kept."))
        keeper.keep()

    def _tell(self, sentence: str) -> None:
        if sentence != self._said:
            self._said = sentence
            self.say(sentence)


def _why_plainly(place: Place) -> str:
    said = _("Envoy did not start by its files ({why}): it serves everybody from one arm, without telemetry.")
    return said.format(why=last_complaint(place.envoy_log))


def keep_in_foreground(directory: Path, *, binary: Path, workers: int, say: Callable[[str], None]) -> None:
    """The router of that directory is kept until SIGTERM; RouterError where none was ever begun in it."""
    if not Place(directory.absolute()).bootstrap.exists():
        raise RouterError(
            _("No router was ever begun in {path}: a rollout begins it, and from then on it can be kept.").format(
                path=directory
            )
        )
    place = prepare(directory)
    Foreground(place, command(place, binary=binary, workers=workers), say).run()
