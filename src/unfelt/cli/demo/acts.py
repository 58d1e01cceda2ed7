"""Three acts: two builds that hurt somebody, and one that does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unfelt.cli.demo.plan import write_plan
from unfelt.cli.demo.shop import customers, shop
from unfelt.cli.session import Session
from unfelt.conf.language import Message
from unfelt.testing.ports import free_port

if TYPE_CHECKING:
    from rich.console import Console


RATE = 120.0
"""Customers a second."""


@dataclass(frozen=True, slots=True)
class Act:
    """One rollout of the demo, and how it ought to end."""

    build: str
    title: Message
    state: str
    metric: str | None = None
    segment: str | None = None

    def is_right(self, report: dict[str, Any]) -> bool:
        """It ended as it ought to, within the budget, and for the right reason."""
        within = report["affected"]["at_most"] <= report["affected"]["budget"]
        named = self.metric is None or report["metric"] == self.metric
        there = self.segment is None or report["segment"] == self.segment
        return report["final"] == self.state and within and named and there


ACTS = (
    Act(
        "slow-phones",
        Message("a build that makes checkout slow, for phones only"),
        "back",
        metric="slow_checkout",
        segment="device=phone",
    ),
    Act("lossy", Message("a build that answers 200 and loses some orders"), "back", metric="lost_order"),
    Act("good", Message("the repaired build"), "done"),
)


def play(act: Act, number: int, *, directory: Path, seed: int, console: "Console") -> dict[str, Any]:
    """The report of one act; the shop, its customers and the router are gone afterwards."""
    from unfelt.cli.run import run_rollout
    from unfelt.documents.load import load_change

    session = Session(directory, f"sqlite:///{(directory / 'records.db').resolve()}")
    data = directory / f"shop-{seed}-{number}"
    listen = f"127.0.0.1:{free_port()}"
    with shop(data, build=act.build) as (old, new):
        id = f"checkout-split-{seed}-{number}"
        plan = write_plan(directory / f"{id}.yaml", id=id, listen=listen, old=old, new=new, data=data.resolve())
        change = load_change(plan)
        session.connect()
        with _router(directory, listen), customers(f"http://{listen}", rate=RATE, seed=seed):
            return run_rollout(session, change, console=console)


@contextmanager
def _router(home: Path, listen: str) -> Iterator[None]:
    """Whatever router the act leaves behind is stopped: in a demo nobody depends on it."""
    from unfelt.adapters.routers.handles import handle
    from unfelt.rollout.places import Places

    try:
        yield
    finally:
        place = Places(home).router(listen)
        handle(place).stop(place)
