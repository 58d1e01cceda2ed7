"""Commands over the records of the test run, about a plan of each test's own."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings

from unfelt.cli import main

PLAN = """\
unfelt: 1
change:
  {id: CHANGE, title: Split, owner: lin@shop.example, tier: standard, tier_because: Small,
   facts: {customers_notified: not_required}}
needs: [{id: peak, because: Checkout times out on sale days}]
experience:
  customer: cookie:uid
  metrics: [{id: failed, bad: "status >= 500", margin: 1%}]
guard: {impact_budget: 150 customers}
people: [{id: a, name: a}, {id: b, name: b}, {id: wang, name: wang}, {id: zhao, name: zhao}]
"""


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest):
    """A plan of its own, and the commands over the records of the test run."""
    name = "gates-" + "".join(letter if letter.isalnum() else "-" for letter in request.node.name.lower())[:50]
    plan = tmp_path / "change.yaml"
    plan.write_text(PLAN.replace("CHANGE", name.strip("-")))

    def ask(command: str, *options: str, lang: str = "en"):
        records = ["--home", str(tmp_path), "--database", settings.UNFELT_DATABASE]
        return CliRunner().invoke(main, ["--lang", lang, *command.split(), *records, *options])

    ask.plan = plan
    return ask
