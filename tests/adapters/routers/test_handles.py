"""A router by its directory: whoever has it finds what handles that kind."""

from pathlib import Path

import pytest

from unfelt.adapters.routers.envoy.handle import EnvoyHandle
from unfelt.adapters.routers.handles import KIND, Handle, all_routers, handle
from unfelt.conf.plugins import PARTS, UnknownPartError, part


def test_a_directory_without_a_kind_is_of_envoy(tmp_path: Path):
    """As all were before there were kinds."""
    assert isinstance(handle(tmp_path), EnvoyHandle)


def test_a_kind_that_is_not_registered_is_said(tmp_path: Path):
    """A plug-in was taken away while its router runs."""
    (tmp_path / KIND).write_text("maple\n")
    with pytest.raises(UnknownPartError, match=r"no router_handle maple\. Known: envoy"):
        handle(tmp_path)


@pytest.mark.parametrize("kind", PARTS["router"])
def test_every_router_has_a_handle_that_can_do_everything(kind):
    """What is asked of a router with its worker dead."""
    asked = [name for name in vars(Handle) if not name.startswith("_")]
    assert [name for name in asked if not callable(getattr(part("router_handle", kind), name, None))] == []


def test_routers_of_an_installation_are_its_directories(tmp_path: Path):
    """Files beside them are none."""
    (tmp_path / "routers" / "127.0.0.1-80").mkdir(parents=True)
    (tmp_path / "routers" / "note").touch()
    assert all_routers(tmp_path) == [tmp_path / "routers" / "127.0.0.1-80"]
