"""The example shop, run as its users run it: as processes of its own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from shop_running import EXAMPLES, address, running

sys.path.insert(0, str(EXAMPLES))


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts programs of the shop, which are stopped after the test."""
    with ExitStack() as stack:
        yield lambda module, *options: stack.enter_context(running(module, *options))


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Both arms, good build, side by side: their addresses."""
    data = str(tmp_path_factory.mktemp("shop"))
    with running("shop.serve", "old", "--data", data) as old, running("shop.serve", "new", "--data", data) as new:
        yield {"old": address(old), "new": address(new)}
