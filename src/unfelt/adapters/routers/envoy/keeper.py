"""The keeper: a small process of its own that keeps one Envoy running, and outlives the guard.

`python -m unfelt.adapters.routers.envoy.keeper DIRECTORY COMMAND…` answers with a line of JSON once Envoy serves,
and goes on in the background. It finds an Envoy that lost its keeper by the journal and takes it over as it is:
traffic goes on, and no connection is cut. On SIGTERM it stops Envoy and ends.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any

from unfelt.adapters.routers import RetryableRouterError
from unfelt.adapters.routers.envoy import admin
from unfelt.adapters.routers.envoy.admin import PLAINLY
from unfelt.adapters.routers.envoy.journal import Journal, read_journal, write_journal
from unfelt.adapters.routers.envoy.launch import last_complaint
from unfelt.adapters.routers.envoy.limits import allow_files, most_connections, overload
from unfelt.adapters.routers.envoy.place import NONE, Place, locked
from unfelt.adapters.routers.envoy.processes import Known, known
from unfelt.adapters.routers.envoy.safety import is_for_good, make_safe
from unfelt.adapters.routers.envoy.streams import Streams, prepare_pressure, pressure

READY_WITHIN = 10.0
LAME = 1.0
"""Seconds after which an Envoy that is ready, but has not taken its files, will not take them."""
GRACE = 3.0
LOOK_EVERY = 0.05


@dataclass(slots=True)
class Keeper:
    """One Envoy, started again whenever it ends, until the keeper is asked to stop."""

    place: Place
    command: tuple[str, ...]
    again: int = 0
    envoy: Known | None = None
    child: subprocess.Popen[bytes] | None = None
    asked_to_stop: bool = False
    plainly: bool = False
    """Whether Envoy was started by its last resort."""

    def take_over(self) -> bool:
        """Whether an Envoy was found that a former keeper had left."""
        journal = read_journal(self.place)
        if journal is None:
            return False
        if not journal.envoy.is_alive():
            # It died, and so did its keeper, and nobody stopped them: this is a restart like any other.
            self.again = journal.again + 1
            return False
        self.envoy, self.again = journal.envoy, journal.again
        with suppress(RetryableRouterError):
            self.again = admin.times_started_again(self.place.admin)
        self._write_journal()
        return True

    def begin(self) -> None:
        """A new Envoy runs, with as many files as the system lets it have."""
        managed = pressure(self.place) if prepare_pressure(self.place) else {}
        bounds = ("--config-yaml", json.dumps(overload(most_connections(allow_files()), managed)))
        node = ("--service-node", f"unfelt-{f'{PLAINLY}{self._arm()}-' if self.plainly else ''}{self.again}")
        with _complaints(self.place) as log:
            self.child = subprocess.Popen(
                (*self._command(), *node, *bounds),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, NONE: "none"},
            )
        self.envoy = known(self.child.pid)
        self._write_journal()

    def _command(self) -> tuple[str, ...]:
        if not self.plainly:
            return self.command
        own = str(self.place.bootstrap)
        return tuple(str(self.place.plain(self._arm())) if word == own else word for word in self.command)

    def _arm(self) -> str:
        return "new" if is_for_good(self.place) else "old"

    def is_back(self) -> bool:
        """Whether Envoy, which served customers before, serves again: by its files, or else plainly."""
        make_safe_if_possible(self.place)
        self.plainly = False
        self.begin()
        if self.is_serving(within=READY_WITHIN):
            return True
        if self.asked_to_stop or not self.place.plain("old").exists():
            return False
        if self.envoy is not None:
            self.envoy.end(grace=GRACE)
        self.plainly = True
        self.begin()
        return self.is_serving(within=READY_WITHIN)

    def is_up(self) -> bool:
        """Whether Envoy still runs; its remains are cleared away if it does not."""
        if self.child is not None and self.child.poll() is not None:
            return False
        return self.envoy is not None and self.envoy.is_alive()

    def is_serving(self, *, within: float) -> bool:
        """Whether Envoy serves within that many seconds; False at once if it ends or cannot read its files."""
        end, lame = time.monotonic() + within, float("inf")
        while self.is_up() and not self.asked_to_stop and time.monotonic() < end:
            if admin.is_ready(self.place.admin):
                if self.plainly or admin.is_whole(self.place.admin):
                    return True
                lame = min(lame, time.monotonic() + LAME)
            if time.monotonic() > lame:
                return False
            time.sleep(0.02)
        return False

    def has_begun(self) -> bool:
        """Whether an Envoy that was not found serves now; the first of all must serve by its files."""
        if self.again:
            return self.is_back()
        self.begin()
        return self.is_serving(within=READY_WITHIN)

    def keep(self) -> None:
        """Envoy runs until the keeper is asked to stop; each new one begins at share 0 while there is a lease."""
        streams = Streams(self.place)
        while not self.asked_to_stop:
            streams.look()
            if self.is_up():
                time.sleep(LOOK_EVERY)
            else:
                self._begin_again()
        self.stop()

    def _begin_again(self) -> None:
        died, code = time.monotonic(), self.child.wait() if self.child else None
        self.again += 1
        if self.is_back():
            self._note(gap=time.monotonic() - died, code=code)
        elif not self.asked_to_stop:
            time.sleep(1.0)

    def stop(self) -> None:
        """Envoy has ended. The journal stays: a machine that shuts down asks every keeper to end, too."""
        if self.envoy is not None:
            self.envoy.send(signal.SIGTERM)
        if self.child is not None:
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(GRACE)
        if self.envoy is not None:
            self.envoy.end(grace=GRACE)

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """The loop ends at its next turn."""
        self.asked_to_stop = True

    def _write_journal(self) -> None:
        me = known(os.getpid())
        if me is None or self.envoy is None:
            return
        # On a full disk the first journal cannot be made; Envoy matters more.
        with suppress(OSError):
            write_journal(self.place, Journal(me, self.envoy, self.again))

    def _note(self, *, gap: float, code: int | None) -> None:
        line = {
            "restart": self.again,
            "at": datetime.now(UTC).isoformat(),
            "gap_ms": round(1000 * gap),
            "code": code,
        } | ({"plainly": last_complaint(self.place.envoy_log)} if self.plainly else {})
        # With a full disk the line is lost, and the number of restarts is still known from Envoy itself.
        with suppress(OSError), self.place.restarts.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def make_safe_if_possible(place: Place) -> None:
    """Nobody is on `new` while there is a lease; where that cannot be written, the lease alone sees to it."""
    with suppress(OSError):
        make_safe(place)


@contextmanager
def _complaints(place: Place) -> Iterator[IO[bytes]]:
    """Where Envoy says what is wrong; nowhere if that file cannot be opened."""
    try:
        log = place.envoy_log.open("ab")
    except OSError:
        log = Path(os.devnull).open("ab")  # noqa: SIM115
    with log:
        yield log


def run(keeper: Keeper, tell: Callable[[dict[str, Any]], None]) -> None:
    """Keeps Envoy running; `tell` is called once, with how the beginning went."""
    signal.signal(signal.SIGTERM, keeper.ask_to_stop)
    # Somebody may be asking at this moment whether there is a keeper, and hold the lock for that.
    with locked(keeper.place.keeper_lock, patience=0.2) as alone:
        if not alone:
            tell({"outcome": "kept"})
            return
        adopted = keeper.take_over()
        if not adopted and not keeper.has_begun():
            keeper.stop()
            if not keeper.again:
                keeper.place.journal.unlink(missing_ok=True)  # Nobody was ever served.
            tell({"outcome": "failed"})
            return
        tell({"outcome": "adopted" if adopted else "started"})
        keeper.keep()


def main(arguments: list[str]) -> int:
    """The keeper of a directory: answers once, and goes on in a session of its own."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        with os.fdopen(reader) as answer:
            sys.stdout.write(answer.read())
        return 0
    os.close(reader)
    os.setsid()
    _leave_the_terminal()
    keeper = Keeper(Place(Path(arguments[0])), tuple(arguments[1:]))
    with os.fdopen(writer, "w") as answer:
        run(keeper, lambda outcome: _answer(answer, outcome))
    return 0


def _answer(stream: Any, outcome: dict[str, Any]) -> None:  # noqa: ANN401
    stream.write(json.dumps(outcome))
    stream.close()


def _leave_the_terminal() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    os.chdir("/")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
