"""What a source keeps to, and the form of a log: ours do, and one that does not is named."""

import os
from pathlib import Path

import pytest

from unfelt.adapters.routers.envoy.log_form import EnvoyLog
from unfelt.adapters.sources.live import LiveSource
from unfelt.conf import plugins
from unfelt.testing.contracts import source_faults, sources


@pytest.mark.parametrize("form", plugins.names("log_form"))
@pytest.mark.parametrize("source", plugins.names("source"))
def test_every_source_keeps_the_contract_over_every_form(tmp_path: Path, source: str, form: str):
    """Of whichever router."""
    assert source_faults(source, form, directory=tmp_path) == []


class Forgetful(LiveSource):
    """Begins anew whenever it is opened."""

    def __init__(self, change, directory, *, log, form):
        super().__init__(change, directory / os.urandom(4).hex(), log=log, form=form)


class Trusting(LiveSource):
    """Believes that it is as late as any line says."""

    def collect(self, after, *, epochs, lapses, now):
        """A year from now."""
        return super().collect(after, epochs=epochs, lapses=lapses, now=now.replace(year=now.year + 1))


class Eager(LiveSource):
    """Takes a line in before it is whole."""

    def collect(self, after, *, epochs, lapses, now):
        """With an end of its own."""
        with self._log.open("ab") as file:
            file.write(b"\n")
        return super().collect(after, epochs=epochs, lapses=lapses, now=now)


class Careless(EnvoyLog):
    """Takes everything for a line."""

    def is_line(self, text: str) -> bool:
        """Whatever it is."""
        return True


class Repeating(EnvoyLog):
    """Gives every row twice."""

    def rows(self, chunk, columns):
        """One after the other."""
        once = super().rows(chunk, columns)
        return f"FROM ({once}) UNION ALL FROM ({once})"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "form", "fault"),
    [
        (Forgetful, EnvoyLog, sources.tells_a_batch_again),
        (Trusting, EnvoyLog, sources.does_not_believe_the_future),
        (Eager, EnvoyLog, sources.waits_for_the_end_of_a_line),
        (LiveSource, Careless, sources.form_is_its_own),
        (LiveSource, Repeating, sources.counts_each_once),
    ],
)
def test_one_that_breaks_it_is_named(tmp_path: Path, source, form, fault):
    """By the sentence that does not hold."""
    found = source_faults(source, form(), directory=tmp_path)
    assert any(one.startswith(fault.__doc__) for one in found), found
