"""Who has read the plan and their part: for the parts that count, by who is that person, in the chain alone."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from planned import a_change

from unfelt.documents.change import Change
from unfelt.engines.ledger.actions import forget
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.people.actions import add_member
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.acknowledgements import acknowledge, acknowledged, acknowledged_in
from unfelt.engines.teamwork.actions import TeamworkError
from unfelt.engines.teamwork.parts import part_of
from unfelt.records.models import ChangeRow, Entry, Member

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
WINDOW = {"from": "2026-12-01T08:00Z", "to": "2026-12-01T12:00Z"}
PEOPLE = [
    {"id": "one", "name": "ak-gao@shop.example", "roles": ["operator"]},
    {"id": "two", "name": "ak-he", "roles": ["approver"], "deputy": "one"},
]
STEPS = [
    {"id": "copy", "what": "Copy the data", "takes": "30min", "by": "one"},
    {"id": "move", "what": "Move customers", "takes": "1h", "by": "two", "after": ["copy"]},
]
SECTIONS = {
    "people": PEOPLE,
    "window": WINDOW,
    "steps": STEPS,
    "way_back": [{"id": "undo", "what": "Undo it", "by": "one"}],
    "needs": [{"id": "n", "because": "It is slwo", "source": "none"}],
}


@pytest.fixture(scope="module")
def gao() -> Member:
    """Whom plans name with an address."""
    return add_member("ak-gao", by="root", at=NOON, roles=["operator"])


@pytest.fixture(scope="module")
def he() -> Member:
    """Another one."""
    return add_member("ak-he", by="root", at=NOON, roles=["approver"])


def planned(name: str, *, at: datetime = NOON, **sections: object) -> Change:
    """The change as it stands on record now."""
    a_change(name, at=at, owner="ak-owner", sections={**SECTIONS, **sections})
    return plans_of([ChangeRow.objects.select_related("revision").get(name=name)])[name]


def read(name: str, member: Member, *, at: datetime = NOON) -> None:
    """They have read the plan as it stands."""
    acknowledge(name, seen=ChangeRow.objects.get(name=name).revision_id, by=member, at=at)


def standing(change: Change, name: str) -> tuple[str | None, datetime | None, bool]:
    """Of that person of the plan: who they are, when they have read it, and whether that was another plan."""
    (one,) = [one for one in acknowledged(change) if one.name == name]
    return one.member, one.at, one.stale


def test_everybody_whom_the_plan_names_is_listed_with_its_owner(gao, he):
    """Members by the rule for names of one person; who is none stands there without one."""
    change = planned("ak-listed")
    found = [(one.name, one.member, one.holds) for one in acknowledged(change)]
    people = [("ak-gao@shop.example", "ak-gao", False), ("ak-he", "ak-he", False)]
    assert found == [*people, ("ak-owner", None, False)]


def test_who_only_audits_is_not_asked(gao, he):
    """They change nothing, and nothing waits for them."""
    auditor = {"id": "three", "name": "ak-audit", "roles": ["auditor"]}
    change = planned("ak-audited", people=[*PEOPLE, auditor])
    assert "ak-audit" not in [one.name for one in acknowledged(change)]


def test_who_is_named_has_read_it_once_they_said_so(gao):
    """At that time, under that revision."""
    change = planned("ak-read")
    read("ak-read", gao, at=LATER)
    (one,) = [one for one in acknowledged(change) if one.member == "ak-gao"]
    revision = ChangeRow.objects.get(name="ak-read").revision_id
    assert (one.at, one.stale, one.holds, one.revision) == (LATER, False, True, revision)


def test_pressing_it_twice_is_once(gao):
    """One entry."""
    planned("ak-twice")
    for _each in range(2):
        read("ak-twice", gao)
    assert Entry.objects.filter(kind="acknowledged", body__contains='"ak-twice"').count() == 1


def test_a_person_who_is_not_named_cannot(he):
    """Nothing is on record of it."""
    change = planned("ak-alone", people=PEOPLE[:1], steps=STEPS[:1])
    with pytest.raises(TeamworkError, match="names you nowhere"):
        read("ak-alone", he)
    assert [one.at for one in acknowledged(change)] == [None, None]


def test_what_was_edited_since_it_was_opened_is_read_again(gao):
    """The revision that they read is named."""
    planned("ak-moved")
    seen = ChangeRow.objects.get(name="ak-moved").revision_id
    change = planned("ak-moved", way_back=[], at=LATER)
    with pytest.raises(TeamworkError, match="read it again"):
        acknowledge("ak-moved", seen=seen, by=gao, at=LATER)
    assert standing(change, "ak-gao@shop.example") == ("ak-gao", None, False)


@pytest.mark.parametrize(
    "edit",
    [
        {"window": {**WINDOW, "to": "2026-12-01T13:00Z"}},
        {"steps": STEPS[:1]},
        {"way_back": []},
        {"people": PEOPLE[:1], "steps": STEPS[:1]},
    ],
    ids=["window", "steps", "way_back", "people"],
)
def test_an_edit_of_a_part_that_counts_makes_it_stale(gao, edit, request):
    """And the same plan again makes it hold again."""
    name = f"ak-{request.node.callspec.id.replace('_', '-')}"
    planned(name)
    read(name, gao)
    assert standing(planned(name, at=LATER, **edit), "ak-gao@shop.example") == ("ak-gao", NOON, True)
    assert standing(planned(name, at=LATER), "ak-gao@shop.example") == ("ak-gao", NOON, False)


def test_a_typo_in_the_text_of_a_need_leaves_it(gao):
    """Nobody has to read it again."""
    planned("ak-typo")
    read("ak-typo", gao)
    change = planned("ak-typo", at=LATER, needs=[{"id": "n", "because": "It is slow", "source": "none"}])
    assert standing(change, "ak-gao@shop.example") == ("ak-gao", NOON, False)


def test_names_are_tokens_in_the_chain(gao):
    """In no entry about it stands who it was."""
    planned("ak-tokens")
    read("ak-tokens", gao)
    body = json.loads(Entry.objects.filter(kind="acknowledged").order_by("sequence").last().body)
    assert (sorted(body), body["by"][:7], "gao" in json.dumps(body)) == (
        ["by", "change", "parts", "revision"],
        "person:",
        False,
    )


def test_the_ledger_verifies_after_it_and_after_they_are_forgotten():
    """Then nobody can tell any more who had read it."""
    member = add_member("ak-gone", by="root", at=NOON, roles=["operator"])
    change = planned("ak-forgotten", people=[{"id": "x", "name": "ak-gone"}], steps=[])
    read("ak-forgotten", member)
    assert check_ledger({}).faults == []
    forget("ak-gone", at=LATER)
    assert check_ledger({}).faults == []
    assert standing(change, "ak-gone")[1] is None


def test_two_queries_for_one_and_for_thirty_changes(gao):
    """What is on record is read once for all of them."""
    changes = [planned(f"ak-many-{one}") for one in range(30)]
    read("ak-many-29", gao)

    def counted(queries, execute, sql, *rest):
        queries.append(sql)
        return execute(sql, *rest)

    for some in (changes[:1], changes):
        queries: list[str] = []
        with connection.execute_wrapper(partial(counted, queries)):
            found = acknowledged_in(some)
        assert len(queries) == 2
    assert [one for one in found if any(person.holds for person in found[one])] == ["ak-many-29"]


def test_a_part_is_roles_steps_with_times_and_for_whom_they_stand_in():
    """By the usual lengths from the beginning of the window on."""
    part = part_of(planned("ak-part"), "ak-gao")
    assert part.roles == ("operator",)
    assert [(one.step.id, f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in part.steps] == [
        ("copy", "08:00", "08:30")
    ]
    assert [one.step.id for one in part.way_back] == ["undo"]
    assert [(one.person.id, [step.step.id for step in one.steps]) for one in part.stands_in] == [("two", ["move"])]


def test_the_owner_has_a_part_although_no_line_names_them():
    """And a stranger has none."""
    change = planned("ak-owned")
    assert part_of(change, "ak-owner").roles == ("owner",)
    assert part_of(change, "ak-stranger") is None
