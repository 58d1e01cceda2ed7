"""Hand-overs: touchpoints of others and tasks, answered by whose they are, and late after a working day."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from planned import a_change

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.engines.ledger.actions import forget
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.people.actions import add_member, add_team, put_in_team
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.actions import TeamworkError, assign
from unfelt.engines.teamwork.answers import accept, accept_task, refuse, return_task
from unfelt.engines.teamwork.given import HandOver
from unfelt.engines.teamwork.hand_overs import hand_overs
from unfelt.engines.teamwork.reading import comments_on, questions_for, task_of
from unfelt.engines.teamwork.tasks import tasks_given
from unfelt.records.models import ChangeRow, Entry, Member, Team

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
"""A Thursday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = {"from": "2026-12-01T08:00Z", "to": "2026-12-01T12:00Z"}


def touchpoint(name: str, owner: str) -> dict[str, object]:
    """As the catalog has it."""
    return {"name": name, "title": {"en": name, "zh": name}, "kind": "page", "owner": owner}


CATALOG = Catalog.model_validate(
    {
        "unfelt": 1,
        "touchpoints": [
            touchpoint("checkout", "ho-pay@shop.example"),
            touchpoint("search", "ho-team"),
            touchpoint("home", "ho-owner@shop.example"),
            touchpoint("own", "ho-own-team"),
        ],
    }
)


@pytest.fixture(scope="module")
def pay() -> Member:
    """Who answers for the checkout."""
    return add_member("ho-pay", by="root", at=NOON, roles=["operator"])


@pytest.fixture(scope="module")
def owner() -> Member:
    """Who answers for the change."""
    return add_member("ho-owner", by="root", at=NOON, roles=["owner"])


@pytest.fixture(scope="module")
def mate() -> Member:
    """Of the team that search belongs to."""
    found = add_member("ho-mate", by="root", at=NOON, roles=["agent"])
    add_team("ho-team", "Search", by="root", at=NOON)
    put_in_team(found, Team.objects.get(pk="ho-team"), ["operator"], by="root", at=NOON)
    return found


def planned(
    name: str, *touches: str, at: datetime = NOON, window: object = WINDOW, team: str | None = None
) -> Change:
    """The change as it stands on record now."""
    said = {"owner": "ho-owner", "team": team}
    a_change(name, at=at, sections={"touches": list(touches), "window": window}, **said)
    return plans_of([ChangeRow.objects.select_related("revision").get(name=name)])[name]


def seen(name: str) -> str:
    """The revision that stands."""
    return ChangeRow.objects.get(name=name).revision_id


def the_one(change: Change, now: datetime = NOON) -> HandOver:
    """Its only hand-over, at that moment."""
    (found,) = hand_overs([change], CATALOG, now)
    return found


def test_what_belongs_to_others_by_the_catalog_is_handed_over():
    """To persons and to teams; what is the owner's own, the team's own or in no catalog is not."""
    change = planned("ho-who", "checkout", "search", "home", "own", "unknown", team="ho-own-team")
    found = [(one.what, one.owner, one.state) for one in hand_overs([change], CATALOG, NOON)]
    assert found == [("checkout", "ho-pay@shop.example", "open"), ("search", "ho-team", "open")]
    assert hand_overs([change], None, NOON) == []


def test_it_is_asked_when_a_plan_first_touches_it():
    """By the entry that put that plan on record."""
    planned("ho-since", at=NOON)
    change = planned("ho-since", "checkout", at=NOON + HOUR)
    planned("ho-since", "checkout", "home", at=NOON + 2 * HOUR)
    found = the_one(change)
    assert (found.asked_at, Entry.objects.get(pk=found.asked).kind) == (NOON + HOUR, "planned")


def test_after_a_working_day_it_is_overdue():
    """One of Friday not before Monday."""
    change = planned("ho-late", "checkout", at=NOON + DAY)
    states = [the_one(change, NOON + DAY + passed).state for passed in (DAY, 3 * DAY, 3 * DAY + HOUR)]
    assert states == ["open", "open", "overdue"]


def test_its_owner_accepts_it_once(pay):
    """With the entry that says so."""
    change = planned("ho-yes", "checkout")
    for minutes in (60, 120):
        at = NOON + timedelta(minutes=minutes)
        accept("ho-yes", "checkout", CATALOG, seen=seen("ho-yes"), by=pay, at=at)
    found = the_one(change, NOON + DAY)
    assert (found.state, found.answered_at, found.by, found.is_late) == ("accepted", NOON + HOUR, "ho-pay", False)
    assert Entry.objects.get(pk=found.answered).kind == "hand_over accepted"


def test_any_member_of_its_team_accepts_it(mate):
    """A team is named by its id."""
    change = planned("ho-team-yes", "search")
    accept("ho-team-yes", "search", CATALOG, seen=seen("ho-team-yes"), by=mate, at=NOON + 5 * DAY)
    found = the_one(change, NOON + 6 * DAY)
    assert (found.state, found.by, found.is_late) == ("accepted", "ho-mate", True)


@pytest.mark.parametrize("touched", ["checkout", "home", "unknown"])
def test_nobody_else_answers(mate, touched):
    """Nor what is not handed over."""
    change = planned(f"ho-else-{touched}", "checkout")
    with pytest.raises(TeamworkError):
        accept(change.change.id, touched, CATALOG, seen=seen(change.change.id), by=mate, at=NOON)
    assert the_one(change).state == "open"


def test_a_refusal_has_a_reason_that_asks_the_owner(pay, owner):
    """It lies beside the ledger, which holds its digest."""
    change = planned("ho-no", "checkout")
    with pytest.raises(TeamworkError, match="Say why not"):
        refuse("ho-no", "checkout", CATALOG, " ", seen=seen("ho-no"), by=pay, at=NOON)
    refuse("ho-no", "checkout", CATALOG, "It is the sale", seen=seen("ho-no"), by=pay, at=NOON + HOUR)
    found = the_one(change)
    assert (found.state, found.reason, found.by) == ("refused", "It is the sale", "ho-pay")
    assert [said.text for _mention, said in questions_for(owner) if said.change == "ho-no"] == ["It is the sale"]
    assert "sale" not in Entry.objects.get(pk=found.answered).body


@pytest.mark.parametrize(
    ("edit", "state"),
    [
        ({"window": {**WINDOW, "to": "2026-12-01T13:00Z"}}, "open"),
        ({"touches": ("checkout", "home")}, "accepted"),
    ],
    ids=["window", "touches"],
)
def test_an_acceptance_stands_while_window_and_rollout_are_as_accepted(pay, edit, state, request):
    """Another window asks anew, from then on; more that is touched does not."""
    name = f"ho-stands-{request.node.callspec.id}"
    planned(name, "checkout")
    accept(name, "checkout", CATALOG, seen=seen(name), by=pay, at=NOON)
    change = planned(name, *edit.get("touches", ("checkout",)), window=edit.get("window", WINDOW), at=NOON + HOUR)
    found = the_one(change)
    assert (found.state, found.asked_at) == (state, NOON + HOUR if state == "open" else NOON)


def test_what_was_touched_no_more_in_between_is_asked_anew(pay):
    """The acceptance of before has ended."""
    planned("ho-gap", "checkout")
    accept("ho-gap", "checkout", CATALOG, seen=seen("ho-gap"), by=pay, at=NOON)
    planned("ho-gap", "home", at=NOON + HOUR)
    assert the_one(planned("ho-gap", "checkout", at=NOON + 2 * HOUR)).state == "open"


def test_what_was_edited_since_is_read_again(pay):
    """Nobody accepts what they have not seen."""
    planned("ho-edited", "checkout")
    before = seen("ho-edited")
    planned("ho-edited", "checkout", "home", at=NOON + HOUR)
    with pytest.raises(TeamworkError, match="read it again"):
        accept("ho-edited", "checkout", CATALOG, seen=before, by=pay, at=NOON + HOUR)


def test_a_task_is_accepted_by_who_was_given_it(pay, owner):
    """Once, and by nobody else."""
    planned("ho-task")
    assign("ho-task", "team.form", pay, due=None, by=owner.name, at=NOON)
    with pytest.raises(TeamworkError, match="not assigned to you"):
        accept_task("ho-task", "team.form", by=owner, at=NOON)
    for hours in (1, 2):
        accept_task("ho-task", "team.form", by=pay, at=NOON + hours * HOUR)
    (found,) = tasks_given(["ho-task"], NOON)
    assert (found.state, found.answered_at, found.what) == ("accepted", NOON + HOUR, "team.form")
    assert task_of("ho-task", "team.form").accepted_at == NOON + HOUR


def test_a_task_that_is_handed_back_asks_who_gave_it(pay, owner):
    """It is in nobody's hands, and its reason is a comment on the control."""
    planned("ho-back")
    assign("ho-back", "team.form", pay, due=None, by=owner.name, at=NOON)
    return_task("ho-back", "team.form", "I am away", by=pay, at=NOON + HOUR)
    (found,) = tasks_given(["ho-back"], NOON + 9 * DAY)
    assert (found.state, found.reason, task_of("ho-back", "team.form")) == ("refused", "I am away", None)
    assert [one.text for one in comments_on("ho-back", "team.form")] == ["I am away"]
    assert [said.text for _mention, said in questions_for(owner) if said.change == "ho-back"] == ["I am away"]


def test_a_task_waits_a_working_day_and_is_overdue_then(pay):
    """Given to another it is asked anew; given once more to the same it is not; taken, it is accepted."""
    planned("ho-clock")
    for control, by in (("team.form", "root"), ("team.roles", pay.name)):
        assign("ho-clock", control, pay, due=None, by=by, at=NOON)
    assign("ho-clock", "team.form", pay, due=None, by="root", at=NOON + HOUR)
    states = {one.what: (one.state, one.asked_at) for one in tasks_given(["ho-clock"], NOON + DAY + HOUR)}
    assert states == {"team.form": ("overdue", NOON), "team.roles": ("accepted", NOON)}
    assign("ho-clock", "team.form", None, due=None, by="root", at=NOON + 2 * DAY)
    assert [one.what for one in tasks_given(["ho-clock"], NOON + 3 * DAY)] == ["team.roles"]


def test_by_another_day_a_task_is_accepted_anew(pay):
    """It was accepted for the day before."""
    planned("ho-due")
    assign("ho-due", "team.form", pay, due=NOON.date(), by="root", at=NOON)
    accept_task("ho-due", "team.form", by=pay, at=NOON)
    assign("ho-due", "team.form", pay, due=NOON.date(), by="root", at=NOON + HOUR)
    assert task_of("ho-due", "team.form").accepted_at == NOON
    assign("ho-due", "team.form", pay, due=(NOON + DAY).date(), by="root", at=NOON + HOUR)
    assert task_of("ho-due", "team.form").accepted_at is None
    assert [one.state for one in tasks_given(["ho-due"], NOON + HOUR)] == ["open"]


def test_names_are_tokens_and_the_ledger_verifies_after_they_are_forgotten(owner):
    """The hand-over is answered still, by an erased name."""
    gone = add_member("ho-gone", by="root", at=NOON, roles=["operator"])
    catalog = Catalog.model_validate({"unfelt": 1, "touchpoints": [touchpoint("checkout", "ho-gone")]})
    change = planned("ho-forgotten", "checkout")
    refuse("ho-forgotten", "checkout", catalog, "No", seen=seen("ho-forgotten"), by=gone, at=NOON)
    assign("ho-forgotten", "team.form", gone, due=None, by=owner.name, at=NOON)
    return_task("ho-forgotten", "team.form", "Nor this", by=gone, at=NOON)
    kinds = ("hand_over refused", "task handed back", "asked", "assigned")
    bodies = [
        json.loads(one.body) for one in Entry.objects.filter(kind__in=kinds, body__contains='"ho-forgotten"')
    ]
    assert [one for one in bodies if "ho-gone" in json.dumps(one)] == []
    assert check_ledger({}).faults == []
    forget("ho-gone", at=NOON)
    assert check_ledger({}).faults == []
    (found,) = hand_overs([change], catalog, NOON)
    assert (found.state, found.by) == ("refused", "an erased name")


def test_as_many_queries_for_one_and_for_thirty_changes(pay):
    """What is on record is read once for all of them."""
    changes = [planned(f"ho-many-{one}", "checkout") for one in range(30)]
    accept("ho-many-0", "checkout", CATALOG, seen=seen("ho-many-0"), by=pay, at=NOON)

    def counted(queries, execute, sql, *rest):
        queries.append(sql)
        return execute(sql, *rest)

    for some in (changes[:1], changes):
        queries: list[str] = []
        with connection.execute_wrapper(partial(counted, queries)):
            found = hand_overs(some, CATALOG, NOON)
        assert (len(queries), len(found)) == (3, len(some))
