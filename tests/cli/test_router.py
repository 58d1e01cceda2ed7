"""The routers of an installation."""

import socket
from pathlib import Path

from click.testing import CliRunner

from plans import plan
from unfelt.adapters.routers.envoy.router import EnvoyRouter
from unfelt.cli import main
from unfelt.rollout.places import Places
from unfelt.testing.ports import free_port


def said(home: Path, *options: str) -> tuple[int, list[str]]:
    """Exit code and words of `unfelt router`."""
    result = CliRunner().invoke(main, ["router", "--home", str(home), *options])
    return result.exit_code, result.output.split()


def test_a_running_router_is_shown_and_can_be_ended(home: Path):
    """Shown while it runs, gone once it was stopped, and its port is free again."""
    listen = f"127.0.0.1:{free_port()}"
    change = plan()
    change = change.model_copy(update={"rollout": change.rollout.model_copy(update={"listen": listen})})
    router = EnvoyRouter(change, Places(home).router(listen), lease_address=("127.0.0.1", 9))
    router.start()
    try:
        code, words = said(home)
        assert (code, words[6:9]) == (0, [listen, "yes", "0.0%"])
        assert said(home, "--stop", listen)[0] == 0
    finally:
        router.stop()
    assert listen not in said(home)[1]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", int(listen.rsplit(":", 1)[1])))


def test_an_address_without_a_router_is_refused(home: Path):
    """Nothing is ended that is not there."""
    assert said(home, "--stop", "127.0.0.1:1")[0] == 2
