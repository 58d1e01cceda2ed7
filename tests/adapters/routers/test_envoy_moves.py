"""Moving customers while they are being served."""

import time
from collections.abc import Callable

import pytest
from router_site import Backend, Load, Site, expected_arm

from unfelt.adapters.routers import Position

pytestmark = pytest.mark.slow


def test_moving_to_where_it_is_already_is_no_failure(site: Site) -> None:
    """A step that is done twice is done once."""
    position = Position(1, "watch", 0.5, "s1", site.open())
    assert site.router.move(position) < site.router.move(position)
    assert site.router.state().position == position


def test_a_share_changes_in_place_without_a_failed_request(site: Site) -> None:
    """Widening, narrowing and going back under load fail nothing and are in force within 2 s."""
    lease = site.open()
    site.move(0.0, lease=lease)
    load, took = Load(site.port), []

    def to(share: float) -> Callable[[], None]:
        def move() -> None:
            began = time.monotonic()
            site.move(share, lease=lease)
            took.append(time.monotonic() - began)

        return move

    load.during(
        4.0, *((0.5 * n, to(share)) for n, share in enumerate((0.1, 0.5, 1.0, 0.3, 0.0, 0.5, 0.0), start=1))
    )
    assert load.failures() == []
    assert max(took) < 2.0
    assert {one.arm for one in load.seen[-20:]} == {"old"}


def test_each_line_carries_the_epoch_that_served_it(site: Site) -> None:
    """In every epoch the logged arm is the one that its share and salt give."""
    load = Load(site.port, customers=50)
    load.during(1.5, (0.3, lambda: site.move(0.3)), (0.6, lambda: site.move(0.6)), (0.9, lambda: site.move(0.1)))
    lines = site.lines(at_least=len(load.seen), where=lambda line: line["customer"])
    shares = {1: 0.3, 2: 0.6, 3: 0.1}
    assert {(line["epoch"], line["share"]) for line in lines if line["epoch"]} == set(shares.items())
    for epoch, share in shares.items():
        logged = {line["customer"]: line["arm"] for line in lines if line["epoch"] == epoch}
        on_new = sum(arm == "new" for arm in logged.values())
        assert on_new == sum(expected_arm(site, f"user-{n}", salt="s1", share=share) == "new" for n in range(50))


def test_a_new_lease_is_taken_up_without_a_failed_request(site: Site) -> None:
    """The cluster is replaced under load: nothing fails, a request in flight ends where it began, none waits."""
    site.move(0.5, lease=site.open())
    load, hung = Load(site.port), Load(site.port, rate=5, customers=20, path="/?sleep=2")

    def again() -> None:
        site.move(0.5, lease=site.open())

    def hang() -> None:
        hung.during(1.0)

    load.during(5.0, (0.5, hang), (1.6, again), (3.5, lambda: site.move(0.5, lease=None)))
    assert (load.failures(), hung.failures()) == ([], [])
    lines = site.lines(at_least=len(load.seen), where=lambda line: line["path"] == "/" and line["type"] == "end")
    assert {line["arm"] for line in lines} == {"old", "new"}
    # The old lease has lapsed when the new one is opened, so a moment on `old` is allowed; it is logged as such.
    strays = [line for line in lines if line["arm"] == "new" and line["served"] == "old"]
    assert {line["attempts"] for line in strays} <= {1}


def test_a_lease_that_is_not_open_sends_nobody_to_new(site: Site) -> None:
    """The router may be moved before the lease runs: until its first good answer old serves."""
    lease = site.lease.open()
    site.move(1.0, lease=lease)
    assert site.router.state().lease_alive is False
    assert {site.arm(f"user-{n}") for n in range(20)} == {"old"}
    site.lease.extend(60)
    end = time.monotonic() + 5
    while not site.router.state().lease_alive and time.monotonic() < end:
        time.sleep(0.05)
    assert {site.arm(f"user-{n}") for n in range(20)} == {"new"}


def test_when_new_dies_old_serves_and_the_log_says_so(sites: Callable[..., Site]) -> None:
    """Connection failures fall back before a byte was sent: nothing fails, and each is a fallback of new."""
    doomed = Backend("new")
    site = sites(new=doomed.url)
    site.router.start()
    site.move(0.5, lease=site.open())
    load = Load(site.port, rate=100)
    load.during(3.0, (1.0, doomed.kill))
    lines = site.lines(at_least=len(load.seen), where=lambda line: line["path"] == "/")
    fallen = [line for line in lines if line["arm"] == "new" and line["served"] == "old"]
    # What new had already been sent when it died cannot be sent again: no doubled order.
    cut = [line for line in lines if line["status"] == 503]
    assert (len(load.failures()), len(cut) <= 2) == (len(cut), True)
    assert {(line["served"], line["attempts"]) for line in cut} <= {("new", 1)}
    assert len(fallen) > 50
    assert {line["attempts"] > 1 for line in fallen} == {True}
    assert {one.arm for one in load.seen[-20:]} == {"old"}


def test_a_request_that_reached_new_is_never_sent_twice(sites: Callable[..., Site]) -> None:
    """When new dies in the middle of a request the customer sees an error, and no order is doubled."""
    doomed = Backend("new")
    site = sites(new=doomed.url)
    site.router.start()
    site.move(1.0, lease=site.open())
    load = Load(site.port, rate=10, path="/?sleep=1")
    load.during(0.5, (0.4, doomed.kill))
    lines = site.lines(at_least=len(load.seen), where=lambda line: line["path"] == "/" and line["type"] == "end")
    died = [line for line in lines if line["status"] == 503]
    assert len(died) >= 3
    assert {(line["arm"], line["served"], line["attempts"]) for line in died} == {("new", "new", 1)}


def test_a_service_may_be_given_by_name(sites: Callable[..., Site], new: Backend) -> None:
    """Names are looked up, with and without a lease."""
    site = sites(new=f"http://localhost:{new.port}")
    site.router.start()
    site.move(1.0, lease=site.open())
    assert site.arm("lin") == "new"
    site.move(1.0)
    assert site.arm("lin") == "new"


def test_a_request_ends_at_its_longest(sites: Callable[..., Site]) -> None:
    """Nothing stays open on an arm for longer than the plan allows."""
    site = sites(longest_request="1s")
    site.router.start()
    began = time.monotonic()
    status, _sent, _cookie = site.get("/?sleep=5", x_user="lin")
    assert status != 200
    assert time.monotonic() - began < 3
