"""The launcher of the example shop."""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import psutil
import pytest
from shop_running import address

Start = Callable[..., "Popen[str]"]


def family(launcher: "Popen[str]") -> list[psutil.Process]:
    """The processes which a launcher started."""
    return psutil.Process(launcher.pid).children(recursive=True)


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run after a while."""
    return psutil.wait_procs(processes, timeout=5)[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arm", "processes", "number"),
    [
        ("new", 2, signal.SIGTERM),
        ("new", 2, signal.SIGKILL),
        pytest.param("new", 2, signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("old", 1, signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param("old", 1, signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_no_process_outlives_the_launcher(
    start: Start, tmp_path: Path, arm: str, processes: int, number: signal.Signals
) -> None:
    """However the launcher ends, its processes end too."""
    launcher = start("shop.serve", arm, "--data", str(tmp_path))
    address(launcher)
    children = family(launcher)
    launcher.send_signal(number)
    launcher.wait(timeout=30)
    assert (len(children), left(children)) == (processes, [])


def test_one_process_that_ends_takes_the_arm_with_it(start: Start, tmp_path: Path) -> None:
    """Half an arm is no arm: the launcher stops the rest and says so."""
    launcher = start("shop.serve", "new", "--data", str(tmp_path))
    address(launcher)
    children = family(launcher)
    children[0].kill()
    _, err = launcher.communicate(timeout=30)
    assert (launcher.returncode, left(children)) == (1, [])
    assert err == "The new shop is not up. A process ended by itself; the others are stopped.\n"


def test_a_taken_port_is_named(start: Start, tmp_path: Path) -> None:
    """The launcher says which port cannot be used, and leaves nothing running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        launcher = start("shop.serve", "new", "--data", str(tmp_path), "--port", port)
        _, err = launcher.communicate(timeout=30)
    assert launcher.returncode == 1
    assert err.splitlines() == [
        f"Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another one with --port.",
        "The new shop is not up. shop.gateway did not start. Its own words are above.",
    ]


@pytest.mark.slow
def test_an_arm_that_is_stopped_while_it_starts_leaves_nothing(start: Start, tmp_path: Path) -> None:
    """A signal that comes before the arm is ready ends it all the same."""
    launcher = start("shop.serve", "new", "--data", str(tmp_path))
    deadline = time.monotonic() + 20
    while not (children := family(launcher)) and time.monotonic() < deadline:
        time.sleep(0.01)
    launcher.terminate()
    launcher.communicate(timeout=30)
    assert (len(children), left(children)) == (1, [])


def test_an_arm_ends_with_the_parent_it_was_given(start: Start, tmp_path: Path) -> None:
    """Given a parent which is gone already, the launcher ends at once."""
    launcher = start("shop.serve", "old", "--data", str(tmp_path), "--parent", "999999999")
    assert launcher.wait(timeout=30) == 0
