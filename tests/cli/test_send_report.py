"""unfelt send-report: the report of a plan goes to members, and is on record."""

import hashlib
import json
from datetime import UTC, datetime

import pytest

from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.sealing import own_keys
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork.receipts import kept_page, reports_sent
from unfelt.records.models import Member


@pytest.fixture(autouse=True)
def members():
    """Whom the plan names, an auditor, and somebody else."""
    if not Member.objects.filter(name="zhao").exists():
        for name, role in {"zhao": "operator", "ida": "auditor", "pia": "handler"}.items():
            add_member(name, by="root", at=datetime.now(UTC), roles=[role])


def sent_from(desk):
    """By the newest report of the desk's change, its bytes' digest and to whom it went."""
    name = desk.plan.read_text().split("{id: ")[1].split(",")[0]
    found = reports_sent([name])
    return [(one.digest, [it.name for it in one.receipts]) for one in found]


def test_it_goes_to_the_plans_people_and_auditors_where_nobody_is_named(desk):
    """As JSON with the digest of the page; the ledger is sound afterwards."""
    sent = desk("send-report", str(desk.plan), "--by", "wang", "--json")
    said = json.loads(sent.stdout)
    assert (sent.exit_code, said["to"]) == (0, ["ida", "zhao"])
    assert sent_from(desk) == [(said["report"], ["ida", "zhao"])]
    assert hashlib.sha256(kept_page(said["report"])).hexdigest() == said["report"]
    assert [str(one) for one in check_ledger(own_keys().public()).faults] == []


def test_it_goes_to_those_who_are_named(desk):
    """Each once."""
    sent = desk("send-report", str(desk.plan), "--to", "pia", "--to", "PIA", "--by", "wang")
    assert (sent.exit_code, sent.stdout.startswith("Sent to pia. SHA-256 of the page: ")) == (0, True)
    assert [to for _digest, to in sent_from(desk)] == [["pia"]]


@pytest.mark.parametrize(
    ("to", "by", "said"),
    [("nobody", "wang", "There is no member nobody."), ("zhao", "zhao", "cannot receive it too")],
)
def test_a_name_that_cannot_be_is_refused(desk, to, by, said):
    """And nothing is sent."""
    refused = desk("send-report", str(desk.plan), "--to", to, "--by", by)
    assert (refused.exit_code, said in " ".join(refused.output.split()), sent_from(desk)) == (2, True, [])
