"""What people did about a change answers controls by itself: read, accepted, learned, and how fast."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from planned import a_change

from unfelt.documents.catalog import Catalog
from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.derived import Derived
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.gates.rederiving import derived_faults
from unfelt.engines.ledger.gates.sealed import seal_derived
from unfelt.engines.ledger.standards import Standards
from unfelt.engines.people.actions import add_member
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.acknowledgements import acknowledge
from unfelt.engines.teamwork.actions import assign
from unfelt.engines.teamwork.answers import accept, accept_task
from unfelt.engines.teamwork.requests import action_done, draw_lesson
from unfelt.records.models import ChangeRow, Entry

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
"""A Thursday."""
HOUR = timedelta(hours=1)
WINDOW = {"from": "2026-12-01T08:00Z", "to": "2026-12-01T12:00Z"}
LATER = {"from": "2026-12-02T08:00Z", "to": "2026-12-02T12:00Z"}
TILL = {"name": "till", "title": {"en": "till", "zh": "till"}, "kind": "page", "owner": "td-pay@shop.example"}
PLACE = Standards(load_playbook(), None, Catalog.model_validate({"unfelt": 1, "touchpoints": [TILL]}))
TWO = [
    {"id": "one", "name": "td-gao", "roles": ["operator"]},
    {"id": "own", "name": "td-owner", "roles": ["owner"]},
]


@pytest.fixture(scope="module")
def people():
    """The owner, somebody with a part, and whose the till is."""
    names = ("td-owner", "td-gao", "td-pay")
    return {name: add_member(name, by="root", at=NOON, roles=["owner", "operator"]) for name in names}


def planned(name, *, at=NOON, facts=None, **sections):
    """A major change with its people, as it stands on record."""
    given = {"people": TWO, "window": WINDOW, "touches": ["till"], **sections}
    a_change(name, at=at, owner="td-owner", tier="major", facts=facts or {}, sections=given)
    return plans_of([ChangeRow.objects.select_related("revision").get(name=name)])[name]


def standing(change, control, *, now=NOON, place=PLACE):
    """Where the control stands."""
    return next(one for one in evaluated(change, place, now=now).controls if one.control.id == control)


def numbers(change, control, **more):
    """What was derived for it; None where nothing was."""
    found = standing(change, control, **more).evidence
    return found.payload["numbers"] if found is not None else None


def rows(one):
    """What is wanting."""
    return [text for _label, text in Derived.model_validate(one.evidence.payload).lines()]


def read(change, member):
    """They have read the plan as it stands."""
    seen = ChangeRow.objects.get(name=change.change.id).revision_id
    acknowledge(change.change.id, seen=seen, by=member, at=NOON)


def test_the_brief_is_read_when_everybody_says_so_themselves(people):
    """One of two is half; both pass, and nobody typed anything."""
    change = planned("td-brief")
    assert rows(standing(change, "communication.internal")) == [
        "td-gao has not read the plan",
        "td-owner has not read the plan",
    ]
    read(change, people["td-gao"])
    assert numbers(change, "communication.internal") == {"acknowledged": 0.5}
    read(change, people["td-owner"])
    one = standing(change, "communication.internal")
    assert (one.state, one.origin) == ("pass", "derived")


def test_an_edit_of_somebodys_part_asks_them_again(people):
    """They have read another plan."""
    change = planned("td-edited")
    for member in ("td-gao", "td-owner"):
        read(change, people[member])
    change = planned("td-edited", window=LATER, at=NOON + HOUR)
    assert rows(standing(change, "communication.internal")) == [
        "td-gao has read an earlier plan",
        "td-owner has read an earlier plan",
    ]


def test_a_hand_over_is_accepted_by_whose_it_is(people):
    """Without a catalog nobody knows whose it is, and nothing is derived."""
    change = planned("td-handed")
    assert standing(change, "communication.hand_offs", place=Standards(PLACE.playbook)).state == "missing"
    one = standing(change, "communication.hand_offs")
    assert (one.state, rows(one)) == ("fail", ["td-pay@shop.example has not accepted till"])
    seen = ChangeRow.objects.get(name="td-handed").revision_id
    accept("td-handed", "till", PLACE.catalog, seen=seen, by=people["td-pay"], at=NOON + HOUR)
    one = standing(change, "communication.hand_offs", now=NOON + HOUR)
    assert (one.state, one.origin) == ("pass", "derived")


def test_a_moved_window_is_told_when_everybody_has_read_the_new_one(people):
    """And a partner is told when something on record shows it: nothing does yet."""
    change = planned("td-moved")
    assert standing(change, "time.replan").state == "not_applicable"
    host = [{"name": "Host", "part": "Runs it"}]
    change = planned("td-moved", window=LATER, partners=host, at=NOON + HOUR)
    assert numbers(change, "time.replan") == {"untold": 3}
    for member in ("td-gao", "td-owner"):
        read(change, people[member])
    assert rows(standing(change, "time.replan")) == ["nothing on record shows that partner Host was told"]


def test_how_long_answers_take_is_said_from_five_answers_on(people):
    """Four are too few to speak of; the ninth of ten counts, in working time."""
    change = planned("td-fast")
    for number in range(5):
        control = f"area.control-{number}"
        assign("td-fast", control, people["td-gao"], due=None, by="td-owner", at=NOON)
        assert numbers(change, "team.teamwork") is None
        accept_task("td-fast", control, by=people["td-gao"], at=NOON + HOUR * (number + 1))
    assert numbers(change, "team.teamwork") == {"hand_over_p90": 5 * 3600}
    assert standing(change, "team.teamwork").state == "fail"


def test_lessons_and_their_actions_answer_for_themselves(people):
    """Complete with somebody who does it by a day; done when they say so."""
    change = planned("td-learned")
    assert numbers(change, "improvement.plan") is None
    said = {"by": people["td-owner"], "at": NOON}
    good = draw_lesson(
        "td-learned", "Slow", action="Cache", member=people["td-gao"], due=date(2026, 12, 24), **said
    )
    assert numbers(change, "improvement.plan") == {"incomplete_actions": 0}
    assert numbers(change, "improvement.do") == {"open_actions": 1}
    action_done(good, by=people["td-gao"], at=NOON + HOUR)
    assert (numbers(change, "improvement.do"), standing(change, "improvement.do").origin) == (
        {"open_actions": 0},
        "derived",
    )
    draw_lesson("td-learned", "Loud", action="", member=None, due=None, **said)
    assert standing(change, "improvement.plan").state == "fail"


def test_whether_anything_was_found_is_not_the_plans_to_say(people):
    """A lesson is a finding, whatever the plan states; without any rollout or lesson it is not known."""
    change = planned("td-found", facts={"findings": "none"})
    assert standing(change, "improvement.plan").state == "missing"
    draw_lesson("td-found", "Loud", action="", member=None, due=None, by=people["td-owner"], at=NOON)
    assert standing(change, "improvement.plan").state == "fail"


def test_what_was_derived_of_people_is_derived_again_from_the_chain_of_that_day(people):
    """They read the plan and accepted it after it was sealed: what was sealed still follows."""
    change = planned("td-sealed")
    read(change, people["td-gao"])
    found = evaluated(change, PLACE, now=NOON)
    tier = case_of(change, PLACE.playbook, now=NOON).tier
    sealed = seal_derived(change, PLACE, found, tier=tier, at=NOON)
    read(change, people["td-owner"])
    seen = ChangeRow.objects.get(name="td-sealed").revision_id
    accept("td-sealed", "till", PLACE.catalog, seen=seen, by=people["td-pay"], at=NOON + HOUR)
    entries = Entry.objects.filter(sequence__in=sealed.values()).order_by("sequence")
    bodies = [(row.sequence, json.loads(row.body)) for row in entries]
    assert {"communication.internal", "communication.hand_offs"} <= {body["control"] for _number, body in bodies}
    digests = dict(Entry.objects.values_list("sequence", "digest"))
    assert [str(one) for one in derived_faults(bodies, digests)] == []
