"""A worker with real parts: the router, the lease, the source and the records of one rollout."""

import fcntl
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from unfelt.adapters.routers.envoy import EnvoyRouter
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.adapters.sources.live import LiveSource
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.records.models import Rollout
from unfelt.rollout.clock import Clock
from unfelt.rollout.decide import rollout_of
from unfelt.rollout.journal import Journal, Tick
from unfelt.rollout.reach import must_answer
from unfelt.rollout.start import CannotStart, judged_under
from unfelt.rollout.worker import Worker


@dataclass(frozen=True, slots=True)
class Places:
    """Where one installation keeps what belongs to a rollout."""

    home: Path

    def router(self, listen: str) -> Path:
        """One router for each address it listens on, whatever change it serves."""
        return self.home / "routers" / listen.replace(":", "-")

    def experience(self, rollout_id: str) -> Path:
        """What customers met."""
        return self.home / "rollouts" / rollout_id / "experience"

    def lock(self, rollout_id: str) -> Path:
        """Held by the one guard of a rollout."""
        return self.home / "rollouts" / rollout_id / "guard.lock"


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
                "rollout {rollout} already has a guard at work. Watch it with `unfelt watch`, stop it with `unfelt back`",
                rollout=rollout_id,
            )
        ) from None
    return file


def secret_of(home: Path) -> bytes:
    """The key under which customer ids are kept; made once, readable by its owner only."""
    path = home / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return bytes.fromhex(path.read_text())


def assemble(
    change: Change,
    rollout: Rollout,
    *,
    places: Places,
    show: Callable[[Tick], None],
    complain: Callable[[str], None],
    clock: Clock | None = None,
) -> Worker:
    """The worker of that rollout; nothing runs yet."""
    judged = judged_under(change, rollout)
    plan = rollout_of(judged)
    must_answer(plan.old, plan.new)
    directory = places.router(plan.listen)
    lease = LeaseServer("127.0.0.1", 0)
    secret = secret_of(places.home)
    router = EnvoyRouter(judged, directory, lease_address=lease.address, secret=secret)
    source = LiveSource(judged, places.experience(rollout.id), log=router.log, secret=secret)
    return Worker(
        change=judged,
        journal=Journal(rollout.id),
        router=router,
        lease=lease,
        source=source,
        clock=clock or Clock(),
        show=show,
        complain=complain,
    )
