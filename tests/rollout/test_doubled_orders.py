"""Orders that new writes twice: nothing in the log tells, the stores do."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
from blank import begin_with_tables
from doubling import Orders
from living import Library, service, visited


def affected(home, **given):
    """How many customers were affected before everybody was put back."""
    home.mkdir()
    orders = Orders(home, **given)
    assert orders.run() == "back"
    return len(orders.cheated)


def test_orders_that_are_doubled_send_the_change_back(tmp_path):
    """One order in twenty on new is in the store twice; fewer than fifteen customers meet it."""
    assert affected(tmp_path / "one", seed=1) < 15


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_few_customers_meet_a_doubled_order(tmp_path):
    """The median over twelve rollouts is under fifteen customers."""
    found = [affected(tmp_path / str(seed), seed=seed) for seed in range(12)]
    print(sorted(found))
    assert median(found) < 15


PLAN = """\
unfelt: 1
change: {{id: {id}, title: Loans in another store, kind: software, owner: ann@library.example}}
experience:
  customer: cookie:card
  observe: 1s
  grace: 500ms
  columns: {{loan: "response:x-loan", fee: "response:x-fee"}}
  sources:
    loans:
      kind: reconciliation
      promise: loan
      value: fee
      within: 1s
      old: {{database: "sqlite:///{home}/old.db", query: "select number, fee from loans"}}
      new: {{database: "sqlite:///{home}/new.db", query: "select number, fee from loans"}}
  metrics:
    - {{id: failed, bad: "status >= 500", margin: 5%}}
    - {{id: loans, source: loans, margin: 5%}}
guard: {{impact_budget: 60 customers, tick: 250ms}}
rollout: {{listen: {listen}, old: {old}, new: {new}, baseline: 3s, first_share: 10%, step: 1s, soak: 3s}}
"""


@dataclass
class Lender(Library):
    """A library whose pages are loans, each in the store of the version that answered."""

    @property
    def plan(self) -> Path:
        """Loans are reconciled."""
        path, stores = self.home / f"{self.id}.yaml", self.home.parent
        path.write_text(PLAN.format(id=self.id, home=stores, listen=self.listen, old=self.old, new=self.new))
        return path

    def doubled(self) -> int:
        """Loans that new's store holds twice."""
        query = "SELECT count(*) FROM (SELECT 1 FROM loans GROUP BY number HAVING count(*) > 1)"
        with closing(sqlite3.connect(self.home.parent / "new.db")) as store:
            return int(store.execute(query).fetchone()[0])


@pytest.mark.slow
def test_a_live_rollout_goes_back_by_doubled_loans_and_says_what_is_stranded(tmp_path):
    """Real Envoy, guard, stores and readers: few loans are doubled, and the report counts what new alone holds."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    begin_with_tables(home)
    stores = [tmp_path / f"{arm}.db" for arm in ("old", "new")]
    with service(store=stores[0]) as old, service("double", store=stores[1]) as new:
        place = Lender(home, old=old, new=new, id="loans")
        try:
            with visited(place, rate=60) as (guard, _record):
                assert guard.end(within=150) == 1
            report = guard.report()
            said = report["stores"]["loans"]["new"]
            print(place.doubled(), report["affected"], report["stores"], report["journeys"], report["because"])
            assert (report["final"], report["metric"]) == ("back", "loans")
            assert place.doubled() < 15
            assert (said["alone"], said["lost"], said["wrong"]) == (said["kept"] + said["doubled"], 0, 0)
            assert any("are on old" in line for line in report["promises"])
            assert [arm.get("unpromised", 0) for arm in report["stores"]["loans"].values()] == [0, 0]
            assert "slow answers" in " ".join(report["not_measured"])
            assert place.ask("verify").returncode == 0
        finally:
            place.close()
