"""The example shop under the plan of the demo, with the guard killed in the middle of each act."""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from living import Library, at_once, began, until

from unfelt.cli.demo.acts import ACTS, Act
from unfelt.cli.demo.plan import write_plan
from unfelt.cli.demo.shop import customers, shop

RATE = 60.0
"""Customers a second: fewer than in the demo, for two acts run side by side."""
AWAY = 9.0
"""Seconds for which the guard is gone."""


@dataclass
class Shop(Library):
    """The demo's plan in place of the library's."""

    data: Path = field(default_factory=Path)

    @property
    def plan(self) -> Path:
        """The plan of every act."""
        path = self.home / f"{self.id}.yaml"
        return write_plan(path, id=self.id, listen=self.listen, old=self.old, new=self.new, data=self.data)


def killed_in(act: Act, home: Path) -> tuple[dict[str, Any], float]:
    """The report of the act, and the seconds from the kill to the last request that new served."""
    home.mkdir(mode=0o700)
    data = home / "data"
    with shop(data, build=act.build) as (old, new):
        place = Shop(home, old=old, new=new, id="checkout-split", data=data.resolve())
        try:
            return _killed(place)
        finally:
            place.close()


def _killed(place: Shop) -> tuple[dict[str, Any], float]:
    guard = place.run()
    until(lambda: place.state() == "baseline", what="baseline")
    with customers(f"http://{place.listen}", rate=RATE, seed=11):
        until(place.moving, what="customers on new")
        at = guard.send(signal.SIGKILL)
        time.sleep(AWAY)
        late = max(began(line) for line in place.log() if line["served"] == "new") - at
        again = place.run()
        again.end(within=200)
        return again.report(), round(late, 1)


def ended_right(acts: Sequence[Act], home: Path) -> list[tuple[bool, bool]]:
    """Whether each act ended as it ought to, with nobody on new while its guard was away."""
    told = at_once(*(partial(killed_in, act, home / act.build) for act in acts), most=2)
    for report, late in told:
        print(report["final"], report["because"], report["hurt"], report["affected"], late)
    return [(act.is_right(report), late < AWAY) for act, (report, late) in zip(acts, told, strict=True)]


@pytest.mark.slow
def test_acts_end_right_with_their_guard_killed_on_the_way(tmp_path: Path):
    """lossy goes back by its lost orders, good is promoted."""
    assert ended_right(ACTS[1:], tmp_path) == [(True, True)] * 2


@pytest.mark.nightly
def test_so_does_the_act_that_hurts_one_segment(tmp_path: Path):
    """slow-phones goes back by its metric and segment."""
    assert ended_right(ACTS[:1], tmp_path) == [(True, True)]
