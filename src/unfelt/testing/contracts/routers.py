"""What a router keeps to, driven for real in front of two small services."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from unfelt.adapters.routers import Position, RouterError
from unfelt.adapters.routers.handles import Handle
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.adapters.sources.forms import log_form
from unfelt.conf import plugins
from unfelt.testing.contracts.checks import Check, broken
from unfelt.testing.contracts.processes import is_free, processes_of
from unfelt.testing.contracts.router_site import CUSTOMERS, Site, plan_for
from unfelt.testing.contracts.services import saying
from unfelt.testing.ports import free_port

HOLDS = 15.0
"""Seconds after which nobody is on new without a guard."""
LOGGED = 5.0
"""Seconds after which a request stands in the log."""


def router_faults(
    router: Any,  # noqa: ANN401  (its name, or what makes it)
    *,
    directory: Path,
    handle: Handle | None = None,
) -> list[str]:
    """What the router does not keep to, by its name or as what makes it; empty where all holds. About 30 s.

    handle: the one that is registered under the same name if left out.
    """
    make = plugins.part("router", router) if isinstance(router, str) else router
    known = handle or plugins.part("router_handle", str(router))()
    with ExitStack() as stack:
        old, new = (stack.enter_context(saying(arm)) for arm in ("old", "new"))
        port = free_port()
        lease = LeaseServer(directory=directory)
        stack.callback(lease.shutdown)
        site = Site(make, known, log_form(make.log_form), directory, plan_for(old, new, port), lease, port)
        stack.callback(_leave_nothing, site)
        return broken(CHECKS, site)


def _leave_nothing(site: Site) -> None:
    with suppress(Exception):
        site.router.stop()


def starts_at_nobody(site: Site) -> Iterator[str]:
    """A router starts with everybody on old."""
    state = site.router.start()
    if not state.alive or state.position.share != 0:
        yield f"It says that it is alive: {state.alive}, at share {state.position.share}."
    if there := site.on_new():
        yield f"{len(there)} of {len(CUSTOMERS)} customers are on new."


def moves_a_share(site: Site) -> Iterator[str]:
    """A share of 0.5 has about half of the customers on new, once `move` has returned."""
    site.move(0.5)
    if not 12 <= len(site.on_new()) <= 48:
        yield f"{len(site.on_new())} of {len(CUSTOMERS)} are there."


def keeps_its_place(site: Site) -> Iterator[str]:
    """A customer stays where they are, and who is on new stays there as the share grows within one salt."""
    before = site.on_new()
    if (again := site.on_new()) != before:
        yield f"{len(before ^ again)} customers changed sides between two requests."
    site.move(0.8)
    if lost := before - site.on_new():
        yield f"{len(lost)} customers went back to old when the share grew."


def says_what_is(site: Site) -> Iterator[str]:
    """`state` and `glimpse` say what the router does now."""
    position = site.move(0.6)
    site.on_new()
    state, seen = site.router.state(), site.handle.glimpse(site.directory)
    told = (state.position.epoch, state.position.phase, state.position.share, state.position.salt)
    if told != (position.epoch, position.phase, position.share, position.salt):
        yield f"state() tells {told}."
    if not (state.alive and state.lease_alive):
        yield f"state() tells alive {state.alive}, lease {state.lease_alive}."
    if seen is None or not seen.runs or seen.position is None or seen.position.share != 0.6:
        yield f"glimpse() tells {seen}."


def logs_each_request(site: Site) -> Iterator[str]:
    """Each request is a line of the log in its form: by pseudonym, with the arm that served, and soon."""
    site.router.forget_log()
    site.router.heartbeat()
    there = site.on_new("/logged")
    names = {site.handle.name_for(site.directory, one): one for one in CUSTOMERS}
    end, found = time.monotonic() + LOGGED, site.logged("/logged")
    while len(found) < len(CUSTOMERS) and time.monotonic() < end:
        time.sleep(0.1)
        found = site.logged("/logged")
    if len(found) != len(CUSTOMERS):
        yield f"{len(CUSTOMERS)} requests are {len(found)} lines."
    wrong = [one for one in found if one[1] != ("new" if names.get(one[0]) in there else "old")]
    if wrong:
        yield f"Served by another arm than the log says, or under another name: {wrong[:3]}."
    if CUSTOMERS[0].encode() in site.router.log.read_bytes():
        yield "A customer stands in the log by their own name."


def counts_what_ended(site: Site) -> Iterator[str]:
    """`ended` counts each request that was answered."""
    before = site.router.ended()
    site.on_new()
    after = site.router.ended()
    if before is None or after is None or after.most - before.least < len(CUSTOMERS):
        yield f"{len(CUSTOMERS)} requests between {before} and {after}."


def pins_hold(site: Site) -> Iterator[str]:
    """A pinned customer is on old from their next request on, and drawn like everybody else after `unpin`."""
    there = sorted(site.on_new())[:1]
    names = [site.handle.name_for(site.directory, one) for one in there]
    site.handle.pin(site.directory, names, by="lin", at=site.router.state().at)
    if not there or site.ask(there[0]) != "old":
        yield f"{there} is not on old while pinned."
    if set(site.handle.pinned(site.directory)) != set(names):
        yield f"pinned() tells {site.handle.pinned(site.directory)}."
    site.move(0.6)
    if there and site.ask(there[0]) != "old":
        yield "A move puts a pinned customer on new."
    site.handle.unpin(site.directory, names)
    if there and site.ask(there[0]) != "new":
        yield f"{there} is not on new once the pin is gone."


def is_adopted(site: Site) -> Iterator[str]:
    """Another guard finds the router as it is, or at share 0."""
    site.again()
    share = site.router.start().position.share
    if share not in (0.0, 0.6):
        yield f"It is at share {share}."
    if share == 0 and site.on_new():
        yield "It says share 0, and customers are on new."
    site.move(0.6)


def is_taken_back(site: Site) -> Iterator[str]:
    """With its guard gone, the handle takes everybody back before it returns, and the latch is down."""
    del site.router
    began = time.monotonic()
    site.handle.take_back(site.directory)
    if (took := time.monotonic() - began) > 5:
        yield f"It took {took:.1f} s."
    site.again()
    if there := site.on_new():
        yield f"{len(there)} customers are on new afterwards."
    if not site.handle.is_latched(site.directory):
        yield "is_latched() says no."


def latch_holds(site: Site) -> Iterator[str]:
    """While latched, only share 0 is accepted, by whichever guard."""
    site.router.start()
    try:
        site.move(0.5)
    except RouterError:
        pass
    else:
        yield "A share of 0.5 was accepted."
    if there := site.on_new():
        yield f"{len(there)} customers are on new."


def latch_is_cleared(site: Site) -> Iterator[str]:
    """Once the latch is cleared nobody is on new before the next move, which is accepted."""
    site.handle.clear_latch(site.directory)
    if site.handle.is_latched(site.directory):
        yield "is_latched() says yes."
    if there := site.on_new():
        yield f"{len(there)} customers are on new at once."
    site.move(0.5)
    if not site.on_new():
        yield "The next move puts nobody on new."


def goes_back_at_once(site: Site) -> Iterator[str]:
    """Share 0 has everybody on old once `move` has returned."""
    site.router.move(Position(site.epoch + 1, "watch", 0.0, "drawn-once", None))
    if there := site.on_new():
        yield f"{len(there)} customers are on new."
    site.epoch += 1


def lease_ends(site: Site) -> Iterator[str]:
    """Where nobody answers for the lease any more, everybody is on old within 15 s, without anybody's help."""
    site.move(0.5)
    if not site.on_new():
        yield "Nobody was on new under a lease that runs."
    site.lease.shutdown()
    end = time.monotonic() + HOLDS
    while (there := site.on_new()) and time.monotonic() < end:
        time.sleep(0.2)
    if there:
        yield f"{len(there)} customers are on new after {HOLDS:g} s."


def stops_for_good(site: Site) -> Iterator[str]:
    """After `stop` no process of the router is left, its port is free, and there is nothing to be seen."""
    site.handle.stop(site.directory)
    if not is_free(site.port):
        yield f"Port {site.port} is taken."
    if left := processes_of(site.directory):
        yield f"Processes are left: {left}."
    seen = site.handle.glimpse(site.directory)
    if seen is not None and seen.runs:
        yield "glimpse() says that it runs."


CHECKS: tuple[Check[Site], ...] = (
    starts_at_nobody,
    moves_a_share,
    keeps_its_place,
    says_what_is,
    logs_each_request,
    counts_what_ended,
    pins_hold,
    is_adopted,
    is_taken_back,
    latch_holds,
    latch_is_cleared,
    goes_back_at_once,
    lease_ends,
    stops_for_good,
)
"""In the order of a rollout: each goes on from where the one before it left the router."""
