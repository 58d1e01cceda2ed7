"""A router between two small services, and the customers whose place is looked at."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from unfelt.adapters.routers import Position, WatchedRouter
from unfelt.adapters.routers.handles import Handle
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.adapters.sources.forms import LogForm
from unfelt.documents.change import Change

CUSTOMERS = tuple(f"customer-{number}" for number in range(60))


@dataclass
class Site:
    """A router between two services, its lease, and customers that are told apart by a cookie."""

    make: Callable[..., WatchedRouter]
    handle: Handle
    form: LogForm
    directory: Path
    change: Change
    lease: LeaseServer
    port: int
    router: WatchedRouter = field(init=False)
    epoch: int = 0
    arms: dict[str, str] = field(default_factory=dict)
    """Where each customer was when they asked last."""

    def __post_init__(self) -> None:
        self.again()

    def again(self) -> None:
        """Another guard, in place of one that died."""
        self.router = self.make(self.change, self.directory, lease_address=self.lease.address)

    def move(self, share: float) -> Position:
        """The next epoch, under a lease that runs."""
        self.epoch += 1
        path = self.lease.open()
        self.lease.extend(600)
        position = Position(self.epoch, "watch", share, "drawn-once", path)
        self.router.move(position)
        return position

    def ask(self, customer: str, path: str = "/page") -> str:
        """The arm that answers that customer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Cookie": f"uid={customer}"})
            self.arms[customer] = connection.getresponse().read().decode()
        finally:
            connection.close()
        return self.arms[customer]

    def on_new(self, path: str = "/page") -> set[str]:
        """Who is answered by new, of all."""
        return {one for one in CUSTOMERS if self.ask(one, path) == "new"}

    def logged(self, path: str) -> list[tuple[str, str]]:
        """Of each request for that page in the log that ended: the customer, and the arm that served."""
        ended = f"time IS NOT NULL AND ends_with(type, 'nd') AND path = '{path}' AND arm IN ('old', 'new')"
        rows = self.form.rows(self.router.log, ["device"])
        with duckdb.connect() as connection:
            found = connection.sql(rows).filter(ended)
            return [(row[0], row[1]) for row in found.select("customer, served").fetchall()]


def plan_for(old: int, new: int, port: int) -> Change:
    """The least that a router is made of."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "contract", "title": "Contract", "owner": "lin"},
            "experience": {
                "customer": "cookie:uid",
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "10 customers"},
            "rollout": {
                "old": f"http://127.0.0.1:{old}",
                "new": f"http://127.0.0.1:{new}",
                "listen": f"127.0.0.1:{port}",
            },
        }
    )
