"""What members are told of plans and find in My work: once, and only while it waits for them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from planned import a_change

from unfelt.engines.inbox import Waits
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.actions import add_member, add_team
from unfelt.engines.people.reading import reader_of
from unfelt.engines.teamwork.acknowledgements import acknowledge
from unfelt.engines.teamwork.answers import accept
from unfelt.engines.teamwork.plan_news import handed_over, parts
from unfelt.engines.teamwork.waiting import to_answer, to_read
from unfelt.records.models import ChangeRow, Member, Rollout

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CATALOG = """\
unfelt: 1
touchpoints:
  - {name: checkout, title: {en: Checkout, zh: 结算}, kind: page, owner: pn-gao}
"""


@pytest.fixture
def gao(request: pytest.FixtureRequest) -> Member:
    """A member of their own."""
    name = "pn-" + request.node.name.split("[")[0].replace("_", "-")[-60:]
    return add_member(name, by="root", at=NOON, roles=["operator"])


def planned(
    name: str, *people: Member, at: datetime, takes: str = "10min", needs: str = "W", **subject: str
) -> None:
    """The plan names these people now."""
    listed = [{"id": f"p{number}", "name": one.name} for number, one in enumerate(people)]
    steps = [{"id": "s", "what": "S", "takes": takes}]
    sections = {"people": listed, "steps": steps, "needs": [{"id": "n", "because": needs, "source": "none"}]}
    a_change(name, at=at, sections=sections, **subject)


def read(name: str, member: Member, *, at: datetime) -> None:
    """They have read the plan as it stands."""
    acknowledge(name, seen=ChangeRow.objects.get(name=name).revision_id, by=member, at=at)


def told(member: Member, since: datetime, now: datetime) -> list[tuple[datetime, str]]:
    """When, and how the sentence ends."""
    return [
        (one.at, str(one.text).partition("”")[2].partition(":")[0].strip()) for one in parts(member, since, now)
    ]


def waits(member: Member, now: datetime = NOON) -> list[Waits]:
    """Plans that wait for them to be read."""
    return list(to_read(reader_of(member, now=now), member, now))


def test_who_is_named_newly_is_told_once(gao):
    """Not of other plans, and not again for a later edit."""
    planned("pn-new", at=NOON)
    planned("pn-new", gao, at=NOON + HOUR)
    assert told(gao, NOON, NOON + HOUR) == [(NOON + HOUR, "names you")]
    planned("pn-new", gao, at=NOON + 2 * HOUR, takes="20min")
    assert told(gao, NOON + HOUR, NOON + 2 * HOUR) == []


def test_who_had_read_it_is_told_of_an_edit_that_counts(gao):
    """Once; a typo in the text of a need is none."""
    planned("pn-edit", gao, at=NOON)
    read("pn-edit", gao, at=NOON + HOUR)
    planned("pn-edit", gao, at=NOON + 2 * HOUR, needs="Why")
    assert told(gao, NOON + HOUR, NOON + 2 * HOUR) == []
    for hours, takes in ((3, "20min"), (4, "30min")):
        planned("pn-edit", gao, at=NOON + hours * HOUR, needs="Why", takes=takes)
    assert told(gao, NOON + 2 * HOUR, NOON + 3 * HOUR) == []
    assert told(gao, NOON + 2 * HOUR, NOON + 4 * HOUR) == [
        (NOON + 4 * HOUR, "was edited since you acknowledged it")
    ]
    planned("pn-edit", gao, at=NOON + 5 * HOUR, needs="Why", takes="40min")
    assert told(gao, NOON + 4 * HOUR, NOON + 5 * HOUR) == []


def test_who_read_it_between_two_letters_is_told_of_an_edit_after_that(gao):
    """Although the plan of the last letter was another."""
    planned("pn-between", gao, at=NOON)
    planned("pn-between", gao, at=NOON + 2 * HOUR, takes="20min")
    read("pn-between", gao, at=NOON + 3 * HOUR)
    assert told(gao, NOON + HOUR, NOON + 3 * HOUR) == []
    planned("pn-between", gao, at=NOON + 4 * HOUR, takes="30min")
    assert told(gao, NOON + HOUR, NOON + 4 * HOUR) == [(NOON + 4 * HOUR, "was edited since you acknowledged it")]


def test_a_plan_waits_until_it_was_read_and_again_after_an_edit_that_counts(gao):
    """With where it is read."""
    planned("pn-waits", gao, at=NOON)
    assert [(one.address, one.detail) for one in waits(gao)] == [("/changes/pn-waits/part/", "names you")]
    read("pn-waits", gao, at=NOON)
    assert waits(gao) == []
    planned("pn-waits", gao, at=NOON + HOUR, takes="20min")
    assert [one.detail for one in waits(gao)] == ["changed since you have read it"]


def test_nothing_waits_of_a_change_that_is_done(gao):
    """Its rollout has ended."""
    planned("pn-done", gao, at=NOON)
    revision = ChangeRow.objects.get(name="pn-done").revision
    times = {"began": NOON, "ended": NOON, "state_since": NOON}
    more = {"revision": revision, "attempt": 1, "state": "done", "budget": 40, "directory": "", **times}
    Rollout.objects.create(id="pn-done-1", change="pn-done", **more)
    assert (waits(gao), told(gao, NOON - HOUR, NOON)) == ([], [])


def test_nobody_is_told_of_what_they_may_not_open(gao):
    """Nor does it wait for them."""
    add_team("pn-team", "Team", by="root", at=NOON)
    stranger = add_member("pn-stranger", by="root", at=NOON)
    planned("pn-hidden", stranger, at=NOON, team="pn-team")
    assert (waits(stranger), told(stranger, NOON - HOUR, NOON)) == ([], [])


def test_an_auditor_is_asked_nothing():
    """They see it and cannot press."""
    member = add_member("pn-auditor", by="root", at=NOON, roles=["auditor"])
    planned("pn-audited", member, at=NOON)
    assert waits(member) == []


def test_whose_touchpoint_is_touched_is_told_once_and_finds_it_until_they_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Late after a working day."""
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(CATALOG, "utf-8")
    member = add_member("pn-gao", by="root", at=NOON, roles=["operator"])
    a_change("pn-touched", at=NOON, sections={"touches": ["checkout"]})
    ((at, path),) = [(one.at, one.path) for one in handed_over(member, NOON - HOUR, NOON)]
    assert (at, path, list(handed_over(member, NOON, NOON + HOUR))) == (
        NOON,
        "/changes/pn-touched/hand-overs/",
        [],
    )

    def found(now: datetime) -> list[tuple[str, bool]]:
        return [(one.label, one.is_late) for one in to_answer(reader_of(member, now=now), member, now)]

    assert (found(NOON), found(NOON + 25 * HOUR)) == ([("checkout", False)], [("checkout", True)])
    revision = ChangeRow.objects.get(name="pn-touched").revision_id
    accept("pn-touched", "checkout", standards().catalog, seen=revision, by=member, at=NOON)
    assert found(NOON) == []


def test_a_catalog_that_does_not_hold_is_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its own page says why."""
    monkeypatch.chdir(tmp_path)
    assert standards().catalog is None
    Path("catalog.yaml").write_text("unfelt: 1\n", "utf-8")
    assert standards().catalog is None
