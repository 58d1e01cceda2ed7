"""Real backends, and routers that are gone after the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from router_site import Backend, Site, a_change


@pytest.fixture(scope="session")
def old() -> Iterator[Backend]:
    """The arm old."""
    backend = Backend("old")
    yield backend
    backend.kill()


@pytest.fixture(scope="session")
def new() -> Iterator[Backend]:
    """The arm new."""
    backend = Backend("new")
    yield backend
    backend.kill()


@pytest.fixture
def sites(tmp_path: Path, old: Backend, new: Backend) -> Iterator[Callable[..., Site]]:
    """Makes sites that are gone after the test."""
    made: list[Site] = []

    def make(**rollout: object) -> Site:
        plan = a_change(**{"old": old.url, "new": new.url, **rollout})
        site = Site(plan, tmp_path / f"router-{len(made)}")
        made.append(site)
        return site

    yield make
    for site in made:
        site.close()


@pytest.fixture(scope="session")
def resting(tmp_path_factory: pytest.TempPathFactory, old: Backend, new: Backend) -> Iterator[Site]:
    """A router with half of the customers on new, for all tests that do not move it."""
    site = Site(a_change(old.url, new.url), tmp_path_factory.mktemp("resting") / "router")
    site.router.start()
    site.move(0.5)
    yield site
    site.close()


@pytest.fixture
def site(sites: Callable[..., Site]) -> Site:
    """A started router."""
    made = sites()
    made.router.start()
    return made
