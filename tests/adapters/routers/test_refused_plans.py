"""Plans that no router can serve."""

import os
import re
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from router_site import Site, a_change

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy import EnvoyRouter
from unfelt.adapters.routers.envoy.addresses import Address, listener
from unfelt.adapters.routers.envoy.services import backend


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (backend, "ftp://shop.example"),
        (backend, "127.0.0.1:9002"),
        (backend, "http://127.0.0.1:9001/path"),
        (backend, "http://127.0.0.1:99999"),
        (listener, "8080"),
        (listener, "127.0.0.1:http"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(read: Callable[[str], Address], value: str) -> None:
    """The error names the value and what is allowed."""
    with pytest.raises(RouterError, match=rf"{re.escape(repr(value))}.*Allowed"):
        read(value)


def test_addresses_are_read() -> None:
    """Host and port, by name or number."""
    assert backend("http://shop.example") == Address("shop.example", 80)
    assert backend("https://shop.example") == Address("shop.example", 443)
    assert (backend("http://[::1]:9001/"), listener("[::1]:8080")) == (Address("::1", 9001), Address("::1", 8080))


@pytest.mark.parametrize(
    ("customer", "columns", "why"),
    [
        ("column:user", {}, "column:user"),
        ("cookie:", {}, "cookie:"),
        ("cookie:uid", {"region": "body:region"}, "body:region"),
        ("cookie:uid", {"arm": "header:x-arm"}, "'arm'"),
    ],
)
def test_what_the_router_cannot_read_is_refused(
    resting: Site, customer: str, columns: dict[str, str], why: str, tmp_path: Path
) -> None:
    """Before anything runs."""
    plan = a_change("http://127.0.0.1:1", "http://127.0.0.1:2")
    experience = plan.experience.model_copy(update={"customer": customer, "columns": columns})
    wrong = plan.model_copy(update={"experience": experience})
    with pytest.raises(RouterError, match=why):
        EnvoyRouter(wrong, tmp_path, lease_address=resting.lease.address).start()


def test_a_plan_without_a_rollout_has_nothing_to_route(resting: Site) -> None:
    """It says so."""
    judged = resting.change.model_copy(update={"rollout": None})
    with pytest.raises(RouterError, match="no rollout"):
        EnvoyRouter(judged, resting.directory, lease_address=resting.lease.address)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_somebody_answers_on_is_refused_by_name(sites: Callable[..., Site], host: str) -> None:
    """There, or where `localhost` leads beside it: by which program, and what to do."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        site = sites(listen=f"127.0.0.1:{port}")
        with pytest.raises(RouterError) as refused:
            site.router.start()
    said = str(refused.value)
    assert f"({os.getpid()})" in said
    assert str(port) in said
    assert "rollout.listen" in said
    assert not site.router.place.journal.exists()
