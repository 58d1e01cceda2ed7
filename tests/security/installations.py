"""An installation of its own for a test, with people, a signed change and a comment."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from unfelt.documents.load import load_change, load_playbook
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.gates.actions import control_of, sign
from unfelt.engines.people.actions import add_member, add_team, make_token, put_in_team
from unfelt.engines.people.entries import LOGGED_IN
from unfelt.engines.teamwork.actions import comment

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PLAN = """\
unfelt: 1
change: {id: split, title: Split, owner: lin@shop.example, tier: normal}
needs: [{id: peak, because: Checkout times out on sale days}]
experience:
  customer: cookie:uid
  metrics: [{id: failed, bad: "status >= 500", margin: 1%}]
guard: {impact_budget: 150 customers}
"""


@contextmanager
def installation(home: Path) -> Iterator[None]:
    """Within the block records and keys are those of that directory."""
    before = connection.settings_dict["NAME"], getattr(settings, "UNFELT_KEYS", None)
    connection.close()
    connection.settings_dict["NAME"], settings.UNFELT_KEYS = str(home / "records.db"), home / "keys"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], settings.UNFELT_KEYS = before


def made(home: Path) -> None:
    """Two members, a team, a token, a comment, a sign-off, and thirty entries that nobody hurries to sign."""
    home.mkdir(parents=True)
    with installation(home):
        call_command("migrate", "records", verbosity=0)
        populate(home)


def populate(home: Path) -> None:
    """The same in records that are there."""
    lin = add_member("lin", by="root", at=NOON, email="lin@shop.example", roles=("admin",))
    mei = add_member("mei", by="lin", at=NOON, roles=("requester",))
    team = add_team("checkout", "Checkout", by="lin", at=NOON)
    put_in_team(mei, team, ("approver",), by="lin", at=NOON)
    make_token(lin, "ci", ("read",), valid=NOON - NOON.replace(day=24), by="lin", at=NOON)
    comment("split", "", "Not on a Friday.", by=lin, at=NOON)
    for number in range(30):
        record(LOGGED_IN, {"by": f"visitor {number}"}, rollout=None, at=NOON)
    sign_off(home, by="mei")


def sign_off(home: Path, *, by: str) -> int:
    """That person signs a control of the change."""
    plan = home / "change.yaml"
    plan.write_text(PLAN)
    playbook = load_playbook(None)
    taken = next(one.id for one in playbook.controls if "sign-off" in one.evidence)
    return sign(load_change(plan), playbook, control_of(playbook, taken), by=by, at=NOON).number


def copy_of(source: Path, target: Path) -> Path:
    """Another directory with the same in it."""
    return Path(shutil.copytree(source, target))
