"""A worker with real parts: the router, the lease, the source and the records of one rollout."""

import fcntl
from collections.abc import Callable
from typing import IO

from unfelt.adapters.pseudonyms import load_secret
from unfelt.adapters.routers.envoy.router import EnvoyRouter
from unfelt.adapters.routers.envoy.safety import is_latched
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.adapters.sources.live import LiveSource
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.records.models import Rollout
from unfelt.rollout.clock import Clock
from unfelt.rollout.decide import rollout_of
from unfelt.rollout.journal import Journal, Tick
from unfelt.rollout.places import Places
from unfelt.rollout.reach import must_answer
from unfelt.rollout.refusal import CannotStart
from unfelt.rollout.worker import Worker


def the_only_guard(places: Places, rollout_id: str) -> IO[str]:
    """The lock of the rollout, held for as long as the file is open; a second guard is refused."""
    path = places.lock(rollout_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotStart(
            Message(
                "rollout {rollout} already has a guard at work. Watch it: unfelt watch. Take it back: unfelt back",
                rollout=rollout_id,
            )
        ) from None
    return file


def assemble(
    change: Change,
    rollout: Rollout,
    *,
    places: Places,
    show: Callable[[Tick], None],
    complain: Callable[[str], None],
    clock: Clock | None = None,
) -> Worker:
    """The worker of that rollout under the plan it began with; nothing runs yet."""
    plan = rollout_of(change)
    must_answer(plan.old, plan.new)
    directory = places.router(plan.listen)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    lease = LeaseServer(directory=directory)
    router = EnvoyRouter(change, directory, lease_address=lease.address)
    secret = load_secret(router.place.secret)
    source = LiveSource(change, places.experience(rollout.id), log=router.place.log, secret=secret)
    return Worker(
        change=change,
        journal=Journal(rollout.id),
        router=router,
        lease=lease,
        source=source,
        clock=clock or Clock(),
        taken_back=lambda: lease.is_taken_back() or is_latched(directory),
        show=show,
        complain=complain,
    )
