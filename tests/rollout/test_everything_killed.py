"""Guard, keeper, Envoy and the unit's own process are killed: customers are served, the rollout goes on."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from living import began, library, until, visited
from test_router_unit import Supervisor

from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place

RATE = 25.0
"""Readers a second; each makes four requests."""
WITHOUT_GUARD = 6.0


@pytest.mark.slow
def test_the_unit_serves_from_old_until_a_guard_goes_on(tmp_path: Path) -> None:
    """No guard and no records are needed; the guard that comes adopts that Envoy; the rollout ends."""
    with library(tmp_path, soak="2s") as place, visited(place, rate=RATE) as (guard, record):
        unit = Supervisor(place.home, place.listen)
        unit.begin()
        try:
            until(place.moving, what="customers on new")
            time.sleep(1)
            journal = read_journal(Place(place.router.absolute()))
            assert journal is not None
            assert unit.process is not None
            at = time.time()
            for pid in (unit.process.pid, guard.process.pid, journal.keeper.pid, journal.envoy.pid):
                os.kill(pid, signal.SIGKILL)
            time.sleep(WITHOUT_GUARD)
            kept = place.envoy()
            guard.end()
            back = time.time()
            met = [line.split(" ") for line in record.read_text().splitlines(keepends=True) if line.endswith("\n")]
            lost = [float(when) for when, status, _page in met if status == "0" and float(when) > at - 2]
            served_again = max(lost, default=at) - at
            sys.stdout.write(f"{len(lost)} refused; served again {served_again:.2f} s after the kill\n")
            late = [one for one in place.log() if one["served"] == "new" and at + 2 < began(one) < back]
            code = place.run().end()
            assert late == []
            assert served_again < WITHOUT_GUARD - 1
            assert place.envoy() == kept
            assert code == 0
        finally:
            unit.end()
