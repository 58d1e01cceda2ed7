"""A swap of one real web server for another, each with its maker's defaults: what differs is found and holds."""

import sys
from pathlib import Path

import pytest
from blank import begin_with_tables
from living import Library, until
from two_servers import process, two_servers

PLAN = """\
unfelt: 1
change: {{id: {id}, title: Caddy to nginx, owner: ann@parcels.example}}
experience:
  customer: cookie:uid
  observe: 3s
  grace: 500ms
  metrics:
    - {{id: failed, bad: "status >= 500", margin: 2%}}
    - {{id: slow, bad: "duration_ms > 2000", margin: 2%}}
guard: {{impact_budget: 300 customers, tick: 500ms}}
rollout: {{listen: "{listen}", old: "{old}", new: "{new}", baseline: 10s, step: 3s, soak: 3s}}
"""
SOUGHT = {
    "refused: too large": ("status", "POST /api/upload", "413"),
    "refused: a large cookie": ("status", "*", "400"),
    "a redirect out of the router": ("redirect", "GET /docs", "http://127.0.0.1:"),
    "the page behind it": ("visit", "GET /docs/", ""),
    "answers of another size": ("bytes", "GET /app.js", ""),
    "a header that is dropped on the way": ("bytes", "GET /api/echo", ""),
}


class Swap(Library):
    """The plan of the swap in place of the library's."""

    @property
    def plan(self) -> Path:
        """Metrics for failed and slow, as most plans have them."""
        path = self.home / f"{self.id}.yaml"
        path.write_text(PLAN.format(id=self.id, listen=self.listen, old=self.old, new=self.new))
        return path


@pytest.mark.nightly
def test_what_the_plan_of_a_swap_forgot_is_found_and_holds_the_promotion(tmp_path: Path):
    """Each of six differences; at most sixty customers had met a refusal when it was found."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    begin_with_tables(home)
    with two_servers(tmp_path / "servers") as (old, new):
        place = Swap(home, old=old, new=new, id="swap")
        guard = place.run()
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        script = str(Path(__file__).with_name("two_servers.py"))
        with process(sys.executable, script, "customers", f"http://{place.listen}", "15", "7"):
            found = until(lambda: _all(place), within=300, what=f"{SOUGHT}")
            until(lambda: "All that the plan names is proved" in guard.out.read_text(), within=300, what="held")
            assert place.state() == "watching"
        place.close()
    for name, body in found.items():
        print(name, body["old"], body["new"], body["evidence"])
        if "/" in body["new"]:
            assert int(body["new"].split("/")[0]) <= 60


def _all(place: Swap) -> dict[str, dict] | None:
    """What is sought, by its name, once all of it is on record."""
    found = {}
    for body in place.entries("difference"):
        feature = body["feature"]
        for name, (kind, route, value) in SOUGHT.items():
            if (feature["kind"], feature["route"]) == (kind, route) and feature["value"].startswith(value):
                found.setdefault(name, body)
    return found if len(found) == len(SOUGHT) else None
