"""What was derived when a gate opened: on record with its inputs, and derived again by verification."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook
from unfelt.documents.revision import revise
from unfelt.engines.ledger.actions import keep_plan
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.gates.rederiving import derived_faults
from unfelt.engines.ledger.gates.sealed import seal_derived
from unfelt.engines.ledger.standards import Standards
from unfelt.records.models import Entry

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
POINT = {"name": "till", "title": {"en": "Till", "zh": "Till"}, "kind": "page", "owner": "lin"}
CATALOG = Catalog.model_validate({"unfelt": 1, "touchpoints": [POINT]})
PLACE = Standards(load_playbook(), None, CATALOG)


def saved(name, *, at=NOON):
    """A change with a window, on record."""
    plan = {
        "unfelt": 1,
        "change": {"id": name, "title": name, "owner": "lin", "tier": "normal"},
        "touches": ["till"],
        "window": {"from": "2026-12-07T00:00Z", "to": "2026-12-07T06:00Z"},
        "experience": {
            "customer": "cookie:u",
            "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
        },
        "guard": {"impact_budget": "100 customers"},
        "criteria": [{"says": "No errors", "metric": "failed"}],
    }
    change = Change.model_validate(plan)
    revision = revise(change)
    keep_plan(name=name, digest=revision.digest, document=revision.canonical, at=at)
    return change


@pytest.fixture(scope="module")
def sealed():
    """A change of which everything that is derived was sealed, and then another one that meets its window."""
    change, later = saved("sealed"), NOON + timedelta(days=5)
    found = evaluated(change, PLACE, now=later)
    numbers = seal_derived(change, PLACE, found, tier=case_of(change, PLACE.playbook, now=later).tier, at=later)
    saved("meets-it", at=later)
    return change, numbers


def bodies(numbers):
    """The entries, as they are on record."""
    rows = Entry.objects.filter(sequence__in=list(numbers.values())).order_by("sequence")
    return [(row.sequence, json.loads(row.body)) for row in rows]


def digests():
    """Those of the whole chain."""
    return dict(Entry.objects.values_list("sequence", "digest"))


def test_every_derived_control_has_its_entry_with_origin_and_inputs(sealed):
    """Numbers, the newest entry that they follow from, and the digests of plan, playbook and catalog."""
    _change, numbers = sealed
    assert {"planning.window", "quality.standard", "time.progress"} <= set(numbers)
    for _number, body in bodies(numbers):
        assert (body["kind"], body["origin"]) == ("derived", "derived")
        assert set(body["payload"]["inputs"]) == {"tier", "plan", "ledger", "playbook", "catalog"}


def test_what_was_derived_then_is_derived_again_whatever_came_after(sealed):
    """Another plan meets the window since: the gate would be shut now, and what is on record still follows."""
    change, numbers = sealed
    now = {one.control.id: one.state for one in evaluated(change, PLACE, now=NOON + timedelta(days=5)).controls}
    assert now["planning.window"] == "fail"
    assert list(derived_faults(bodies(numbers), digests())) == []
    assert check_ledger({}).faults == []


@pytest.mark.parametrize("control", ["planning.window", "time.progress", "quality.standard"])
def test_a_number_that_does_not_follow_is_found(sealed, control):
    """One that depends on where controls stand, too."""
    number, body = next(one for one in bodies(sealed[1]) if one[1]["control"] == control)
    for name in body["payload"]["numbers"]:
        body["payload"]["numbers"][name] += 1
    (fault,) = derived_faults([(number, body)], digests())
    assert (fault.sequence, "something else" in str(fault)) == (number, True)


@pytest.mark.parametrize(
    ("part", "said"), [("ledger", "another ledger"), ("plan", "missing"), ("catalog", "missing")]
)
def test_inputs_that_are_others_are_found(sealed, part, said):
    """The chain, the plan and the catalog are named by their digests."""
    number, body = bodies(sealed[1])[0]
    body["payload"]["inputs"][part] = "0" * 64
    (fault,) = derived_faults([(number, body)], digests())
    assert said in str(fault)


def test_a_sealed_number_does_not_count_itself(sealed):
    """What is derived is derived at every look: nothing that was written down once stands in for it."""
    change, _numbers = sealed
    bare = change.model_copy(update={"window": None})
    found = evaluated(bare, PLACE, now=NOON + timedelta(days=5))
    assert next(one for one in found.controls if one.control.id == "planning.window").state == "missing"
