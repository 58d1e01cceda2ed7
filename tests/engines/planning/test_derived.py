"""What plans on record say about a change, at every look: windows, slips, triggers, barriers, progress."""

from datetime import UTC, datetime, timedelta

import pytest

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook
from unfelt.documents.revision import expanded, revise
from unfelt.engines.ledger.actions import keep_plan
from unfelt.engines.ledger.derived import Derived
from unfelt.engines.ledger.gates.actions import add_evidence, control_of, waive
from unfelt.engines.ledger.gates.decide import evaluate, parts_of
from unfelt.engines.ledger.gates.deriving import Ground, Records, derived_for, facts_of, gathered
from unfelt.engines.ledger.gates.drafting import About
from unfelt.engines.ledger.gates.facts import Waiver
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.kinds import RolloutFound, Rows
from unfelt.engines.ledger.standards import Standards
from unfelt.records.models import Entry, Rollout

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
PLAYBOOK = load_playbook()
WINDOW = {"from": "2026-12-07T00:00Z", "to": "2026-12-07T06:00Z"}
LATER = {"from": "2026-12-09T00:00Z", "to": "2026-12-09T06:00Z"}


def plan(name, **changes):
    """A normal change with these parts."""
    given = {
        "unfelt": 1,
        "change": {"id": name, "title": name, "owner": "lin", "tier": "normal", **changes.pop("change", {})},
        "touches": [name],
        "window": WINDOW,
        "experience": {
            "customer": "cookie:u",
            "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
        },
        "guard": {"impact_budget": "100 customers"},
    }
    return Change.model_validate(given | changes)


def saved(name, *, at=NOON, **changes):
    """It is on record."""
    change = plan(name, **changes)
    revision = revise(change)
    keep_plan(name=name, digest=revision.digest, document=revision.canonical, at=at)
    return change


def standing(change, control, *, now=NOON, catalog=None, playbook=PLAYBOOK):
    """Where the control stands."""
    found = evaluated(change, Standards(playbook, None, catalog), now=now)
    return next(one for one in found.controls if one.control.id == control)


def grounded(change):
    """The change with no entry about it."""
    plan = expanded(change)
    return Ground(change, plan, (), (), NOON, PLAYBOOK, parts=parts_of(PLAYBOOK, plan))


def rows(one):
    """What is wanting."""
    return [str(text) for _label, text in Derived.model_validate(one.evidence.payload).lines()]


def test_a_window_needs_nobody_to_look_at_it():
    """It is derived from what is on record, and passes without any command."""
    one = standing(saved("free"), "planning.window")
    assert (one.state, one.origin) == ("pass", "derived")


def test_a_window_that_is_over_or_meets_another_change_fails_at_once():
    """As soon as the other plan is on record, and as soon as the time has come."""
    change = saved("mine", touches=["till"])
    assert standing(change, "planning.window").state == "pass"
    saved("theirs", touches=["till"])
    one = standing(change, "planning.window")
    assert (one.state, rows(one)) == ("fail", ["change theirs has its window then, on the same touchpoints"])
    over = datetime(2026, 12, 7, 6, tzinfo=UTC)
    assert "it is over" in rows(standing(change, "planning.window", now=over))


def test_a_freeze_that_the_catalog_names_later_counts_at_once():
    """Only one of what is touched."""
    change = saved("frozen", touches=["cart"])
    point = {"name": "cart", "title": {"en": "a", "zh": "a"}, "kind": "page", "owner": "b"}
    span = {"from": "2026-12-07T05:00Z", "to": "2026-12-08T00:00Z"}
    freezes = [{"name": "Sale", **span}, {"name": "Audit", "touches": ["invoices"], **span}]
    catalog = Catalog.model_validate({"unfelt": 1, "touchpoints": [point], "freezes": freezes})
    one = standing(change, "planning.window", catalog=catalog)
    assert (one.state, rows(one)) == ("fail", ["it lies in the freeze Sale"])


def test_a_change_without_a_window_has_none_that_is_free():
    """No data is neither success nor failure."""
    assert standing(saved("anytime", window=None), "planning.window").state == "missing"


def test_a_moved_date_is_known_from_the_plans():
    """Whatever the plan says of itself: replanning is asked for once the window moved, and not before."""
    said = {"facts": {"date_moved": "true"}}
    change = saved("moved", change=said)
    assert standing(change, "time.replan").state == "not_applicable"
    change = saved("moved", window=LATER, change={"facts": {"date_moved": "false"}}, at=NOON + timedelta(hours=1))
    assert standing(change, "time.replan").state != "not_applicable"


def test_a_slip_says_why():
    """The plan that put the window off names it under `adjusted`; earlier windows are no slips."""
    change = saved("slips", change={"tier": "major"})
    assert standing(change, "time.report").evidence.payload["numbers"] == {"without_reason": 0}
    change = saved("slips", window=LATER, change={"tier": "major"}, at=NOON + timedelta(hours=1))
    assert standing(change, "time.report").state == "fail"
    why = [{"feedback": "F-1", "part": "/window", "what": "The host is away"}]
    other = saved("says", change={"tier": "major"})
    other = saved("says", window=LATER, adjusted=why, change={"tier": "major"}, at=NOON + timedelta(hours=1))
    one = standing(other, "time.report")
    assert (one.state, one.origin) == ("stated", "stated")  # The reason is the author's word.


def risk(**changes):
    """A plan with one risk."""
    given = {"id": "r", "kind": "technical", "what": "x", "chance": "1%", "affects": "9 customers"}
    return {"risks": [given | {"response": "reduce", "trigger": "failed"} | changes]}


def test_triggers_are_metrics_that_the_guard_watches():
    """Derived, as the guard holds exactly these; a risk without a trigger is not watched."""
    assert standing(saved("watched", **risk()), "risk.monitor").state == "pass"
    one = standing(saved("blind", **risk(trigger=None)), "risk.monitor")
    assert (one.state, rows(one)) == ("fail", ["no metric shows risk r coming"])


@pytest.mark.parametrize(
    ("barrier", "state", "said"),
    [
        ("pray", "fail", "neither a control nor a step of the plan: pray"),
        (None, "fail", "names nothing that stops it"),
        ("communication.hand_offs", "fail", "does not stand: communication.hand_offs"),
        ("guardrail", "stated", ""),
        ("planning.window", "pass", ""),
    ],
)
def test_a_barrier_is_a_control_that_stands_or_a_step_that_exists(barrier, state, said):
    """Not a word."""
    name = f"barrier-{barrier or 'none'}".replace(".", "-")
    steps = [{"id": "guardrail", "what": "Put it up"}]
    one = standing(saved(name, steps=steps, **risk(barrier=barrier)), "risk.respond")
    assert one.state == state
    assert said in "".join(rows(one))


def test_a_barrier_is_no_stronger_than_the_control_that_it_is():
    """One whose control somebody typed is stated."""
    change = saved("weakly", **risk(barrier="communication.hand_offs"))
    about = About.change(change)
    control = control_of(PLAYBOOK, "communication.hand_offs")
    add_evidence(about, control, Rows(numbers={"overdue": 0}), at=NOON, by="lin")
    assert standing(change, "risk.respond").origin == "stated"


def test_a_risk_that_is_accepted_fits_into_the_budget():
    """It needs no barrier."""
    assert standing(saved("fits", **risk(response="accept")), "risk.respond").state == "stated"
    one = standing(saved("bursts", **risk(response="accept", affects="101 customers")), "risk.respond")
    assert rows(one) == ["risk r is accepted and would go beyond the budget"]


def test_criteria_are_metrics_of_the_guard():
    """A criterion that no metric shows is none."""
    good = [{"says": "No errors", "metric": "failed"}]
    one = standing(saved("measured", criteria=good), "quality.standard")
    assert (one.state, one.origin) == ("pass", "derived")
    one = standing(saved("unmeasured", criteria=[*good, {"says": "Good"}]), "quality.standard")
    assert (one.state, rows(one)) == ("fail", ["no metric shows: Good"])


def rollout_of(change, *, rates, harmed=0.0, proved=1.0):
    """A rollout of the change ended so: as the guard writes it down."""
    numbers = {"proved": proved, "unproved": 1 - proved, "harmed": harmed}
    found = RolloutFound(rollout=f"{change.change.id}-1", state="done", numbers=numbers, rates=rates)
    for control in ("testing.monitoring", "risk.monitor"):
        add_evidence(About.change(change), control_of(PLAYBOOK, control), found, at=NOON, by="guard")


@pytest.mark.parametrize(
    ("rates", "state", "effect"),
    [
        ((1000, 100, 1000, 50), "pass", 0.328),
        ((1000, 100, 1000, 99), "fail", -0.263),
        ((1000, 50, 1000, 100), "fail", -1.709),
    ],
    ids=["halved", "as before", "doubled"],
)
def test_an_effect_shows_beyond_chance_or_it_is_none(rates, state, effect):
    """What the need expects of its metric, against the counts of the proof report."""
    needs = [{"id": "n", "because": "slow", "expect": {"metric": "failed", "by": "-30%"}}]
    change = saved(f"effect-{rates[1]}-{rates[3]}", needs=needs, change={"tier": "major"})
    assert standing(change, "improvement.check").state == "missing"
    rollout_of(change, rates={"failed": rates})
    one = standing(change, "improvement.check")
    assert (one.state, one.origin) == (state, "derived")
    assert one.evidence.payload["numbers"]["effect_at_least"] == pytest.approx(effect, abs=0.001)


def test_a_need_whose_metric_was_not_counted_shows_no_effect():
    """No data is neither success nor failure."""
    needs = [{"id": "n", "because": "slow", "expect": {"metric": "failed", "by": "-30%"}}]
    change = saved("uncounted", needs=needs, change={"tier": "major"})
    rollout_of(change, rates={"other": (9, 1, 9, 1)})
    assert standing(change, "improvement.check").state == "missing"


def test_a_change_is_carried_on_by_changes_that_were_proved():
    """Those that say that they are a part of it; without any, nothing is known."""
    change = saved("parent", change={"tier": "major"})
    assert standing(change, "optimisation.iterate").state == "missing"
    child = saved("child", change={"part_of": "parent"})
    one = standing(change, "optimisation.iterate")
    assert (one.state, rows(one)) == ("fail", ["change child is not proved"])
    revision = revise(child).digest
    ended = {"state": "done", "began": NOON, "state_since": NOON, "ended": NOON, "budget": 9}
    Rollout.objects.create(id="child-1", change="child", revision_id=revision, directory="x", **ended)
    one = standing(change, "optimisation.iterate")
    assert (one.state, one.origin) == ("pass", "derived")


def progress(change, now):
    """The number, None where there is none."""
    one = standing(change, "time.progress", now=now)
    return one.evidence and one.evidence.payload["numbers"]["progress"]


def test_progress_is_earned_by_answered_controls_over_the_time_that_is_gone():
    """Half of the time, a third of the work: two thirds. It is as the definition says, for any number answered."""
    change = saved("slow", people=[{"id": "wang", "name": "wang"}])
    begin, half = NOON, NOON + (datetime(2026, 12, 7, tzinfo=UTC) - NOON) / 2
    assert progress(change, begin + timedelta(minutes=1)) == 1.0  # Nothing is due yet, and one is answered.
    found = evaluated(change, Standards(PLAYBOOK), now=half)
    asked = [
        one
        for one in found.controls
        if one.state != "not_applicable"
        and one.control.id != "time.progress"
        and {"plan", "ready", "go"}.intersection(one.control.gates)
    ]
    answered = [one for one in asked if one.state in ("pass", "stated", "signed", "waived")]
    assert progress(change, half) == pytest.approx(len(answered) / (0.5 * len(asked)))
    for one in asked:
        waiver = Waiver(one.control.id, "x", "lin", "wang", NOON, NOON + timedelta(days=30))
        waive(change, PLAYBOOK, waiver, at=NOON)
    assert progress(change, half) == pytest.approx(2.0)
    assert standing(change, "time.progress", now=half).state == "pass"


def test_what_was_derived_is_derived_again_from_the_same_entries():
    """With everything after an entry left out, the numbers are those of that day."""
    change = saved("then", touches=["door"])
    upto = Entry.objects.order_by("-sequence").first().sequence + 1
    now = standing(change, "planning.window").evidence.payload
    saved("meets", touches=["door"])
    assert standing(change, "planning.window").state == "fail"
    beside = gathered(Records([change], None, NOON, (), upto))
    ground = grounded(change)
    again = {one.control: one.payload for one in derived_for(ground, beside, by_standings=False)}
    assert again["planning.window"] == now


def test_facts_of_the_records_are_not_the_plans_to_state():
    """What a plan says of unhappy customers or of notices counts for nothing; its other facts do."""
    said = {"unhappy_customers": "none", "customers_notified": "not_required", "partners": "none"}
    change = saved("boasts", change={"facts": said})
    ground = grounded(change)
    assert facts_of(ground, gathered(Records([change], None, NOON, ()))) == {"partners": "none"}
    case = case_of(change, PLAYBOOK, now=NOON, facts={"partners": "none"})
    found = evaluate(PLAYBOOK, case, (), ())
    states = {one.control.id: one.state for one in found.controls}
    assert states["satisfaction.raise"] == "missing"
    assert states["partners.talk"] == "not_applicable"


def test_a_standard_change_owes_notices_only_by_contract():
    """2.2 where a contract asks for it."""
    easy = {"tier": "standard", "tier_because": "small"}
    assert standing(saved("quiet", change=easy), "communication.customers").state == "not_applicable"
    bound = {"facts": {"contract_notice": "required"}}
    assert standing(saved("bound", change=easy | bound), "communication.customers").state == "missing"
    assert standing(saved("loud"), "communication.customers").state == "missing"
