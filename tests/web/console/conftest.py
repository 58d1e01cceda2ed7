"""A console over the records of a rollout on paper."""

from collections.abc import Iterator

import pytest
from serving import Served, served, write_paper


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that goes on: nobody ended it, and it has looked forty times."""
    home = tmp_path_factory.mktemp("console") / "home"
    write_paper(home, "--ticks", "40")
    with served(home) as console:
        yield console
