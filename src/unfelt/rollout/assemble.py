"""A worker with real parts: the router, the lease, the source and the records of one rollout."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from unfelt.adapters.routers import WatchedRouter
from unfelt.adapters.routers.handles import handle
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.adapters.sources.forms import log_form
from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.ledger.keys import KeyRing
from unfelt.records.models import Rollout
from unfelt.rollout.bodies import Tick
from unfelt.rollout.clock import Clock
from unfelt.rollout.decide import State, rollout_of
from unfelt.rollout.journal import Journal
from unfelt.rollout.places import Places
from unfelt.rollout.refusal import CannotStart
from unfelt.rollout.sealing import Sealer
from unfelt.rollout.traffic import Traffic
from unfelt.rollout.worker import Worker


def the_only_guard(places: Places, change: str) -> IO[str]:
    """The lock of the change, held for as long as the file is open; a second guard is refused."""
    file = guard_lock(places, change)
    if file is None:
        raise CannotStart(
            Message(
                "{change} already has a guard at work. Watch it: unfelt watch {change}. "
                "Take it back: unfelt back {change}",
                change=change,
            )
        )
    return file


def guard_lock(places: Places, change: str) -> IO[str] | None:
    """The lock of the change, or None while another process has it."""
    path = places.lock(change)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextmanager
def at_work(
    change: Change,
    rollout: Rollout,
    *,
    places: Places,
    show: Callable[[Tick], None],
    complain: Callable[[str], None],
    clock: Clock | None = None,
) -> Iterator[Worker]:
    """The worker of that rollout, open; afterwards its lease is closed and so is every file.

    Where it cannot open before anybody was assigned, no router is left running that was not running before.
    """
    directory = places.router(rollout_of(change).listen)
    lease = LeaseServer(directory=directory)
    try:
        made = plugins.part("router", rollout_of(change).router)
        router: WatchedRouter = made(change, directory, lease_address=lease.address)
        seen = handle(directory).glimpse(directory)
        was_running = seen is not None and seen.runs
        worker = _assemble(change, rollout, places=places, lease=lease, router=router, clock=clock or Clock())
        worker.show, worker.complain = show, complain
        try:
            _open(worker, router, is_new=rollout.state == State.PREPARED and not was_running)
            with router.watched():
                yield worker
        finally:
            worker.close()
    finally:
        lease.shutdown()


def _open(worker: Worker, router: WatchedRouter, *, is_new: bool) -> None:
    try:
        worker.open()
    except BaseException:
        if is_new:
            router.stop()
        raise


def _assemble(
    change: Change,
    rollout: Rollout,
    *,
    places: Places,
    lease: LeaseServer,
    router: WatchedRouter,
    clock: Clock,
) -> Worker:
    directory = places.router(rollout_of(change).listen)
    journal = Journal(rollout.id)
    return Worker(
        change=change,
        journal=journal,
        traffic=Traffic(
            change=change,
            journal=journal,
            router=router,
            lease=lease,
            clock=clock,
            seed=f"{rollout.revision_id}|{rollout.id}",
        ),
        source=plugins.part("source", "access_log")(
            change, places.experience(rollout.id), log=router.log, form=log_form(router.log_form)
        ),
        clock=clock,
        sealer=Sealer(journal, KeyRing(places.keys)),
        taken_back=lambda: lease.is_taken_back() or handle(directory).is_latched(directory),
    )
