"""Customers are moved by `unfelt run` through a real router: once into a fault and back, once to the end."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from mission.acts.rehearsal import calibrated, let_go, witness
from mission.company import Company, must
from mission.stage import CHANGE, arm, customers, free_port

ADJUSTED = """\
adjusted:
  - {feedback: lesson 1, part: /guard/impact_budget, what: What the first attempt used is added}
"""
FAIL_BY_HARM = ("testing.monitoring", "risk.monitor")
"""Items of which the attempt with a fault is the lapse."""
RATE = 120.0
SLOW = 250.0
"""Milliseconds, as the plan says."""


def first_attempt(company: Company) -> None:
    """The candidate runs with a fault put into it: it is taken back, and the way back has been walked for real."""
    stage, listen = company.stage, company.stage.ports["LISTEN"]
    behind = free_port()
    ports = {**stage.ports, "NEW": behind}
    faulty = type(stage)(stage.place, ports, stage.say)
    with (
        arm(faulty, "new", build=company.truth["fault"]),
        witness(company, behind, port=stage.ports["NEW"]) as (_port, record),
        customers(stage, listen, rate=RATE, seed=company.truth["traffic"] + 1),
    ):
        report = run(company, due=1)
        harmed = harmed_customers(record)
    must(report["final"] == "back", f"the faulty attempt ended {report['final']}")
    affected = report["affected"]
    estimate = f"at most {affected['at_most']}, estimated {affected['estimate']:.1f}"
    company.estimates.append(("customers affected by the fault", estimate, f"{harmed} met it on new"))
    must(harmed <= company.budget, f"{harmed} customers met the fault: more than the budget of {company.budget}")
    states = company.check_states("after the attempt that was taken back")
    failed = sorted(one for one in FAIL_BY_HARM if states[one] == "fail")
    must(failed == sorted(FAIL_BY_HARM), f"only {failed} fail after an attempt that did harm")
    must(states["backup.drill"] == "pass", "the way back was walked, and backup.drill does not pass")
    company.say(f"taken back: {report['because']}")


def learned(company: Company) -> None:
    """A lesson with an action, which is done; the budget of the plan counts what the first attempt has used."""
    lin, wang, page = company.people["lin"], company.people["wang"], f"/changes/{CHANGE}/review/"
    due = f"{company.now + timedelta(days=7):%Y-%m-%d}"
    text = "On phones the page asked the tax office once for each line of the cart."
    lesson = {"text": text, "action": "Ask once for each cart, on phones too", "member": wang.name, "due": due}
    lin.press(page, f"/changes/{CHANGE}/lessons/", **lesson)
    company.step(timedelta(hours=3))
    number = lin.ask("GET", f"changes/{CHANGE}/lessons/")["lessons"][-1]["number"]
    wang.press("/", f"/mine/actions/{number}/done/")
    company.budget = 90
    plan = lin.ask("GET", f"changes/{CHANGE}/plan/")
    text = company.write_plan(adjusted=ADJUSTED)
    lin.ask("PUT", f"changes/{CHANGE}/plan/", {"text": text, "based_on": plan["number"]})
    company.stage.unfelt("assess", "split.yaml")
    calibrated(company)


def second_attempt(company: Company) -> None:
    """The candidate without the fault: everybody is on new, and proved unfelt."""
    stage = company.stage
    with arm(stage, "new"), customers(stage, stage.ports["LISTEN"], rate=RATE, seed=company.truth["traffic"] + 2):
        let_go(company)
        report = run(company, due=0)
        must(report["final"] == "done", f"the second attempt ended {report['final']}: {report['because']}")
        stage.unfelt("probe", "split.yaml")
    affected = report["affected"]
    company.estimates.append(
        ("customers affected by the candidate", f"at most {affected['at_most']}", "no fault was put into it")
    )
    company.say(f"done: {report['because']}")


def run(company: Company, *, due: int) -> dict[str, Any]:
    """The report of the rollout, once it has ended."""
    found: dict[str, Any] = company.stage.unfelt("run", "split.yaml", "--json", due=due).json
    must("mission" in found, "the proof report does not say that it is one of a mission")
    return found


def harmed_customers(record: Path) -> int:
    """Customers who waited too long at checkout, as the door before new wrote it down: nothing of unfelt in it."""
    with record.open() as lines:
        rows = list(csv.DictReader(lines))
    slow = {one["customer"] for one in rows if one["path"] == "/checkout" and float(one["duration_ms"]) > SLOW}
    return len(slow - {""})


def stop_router(company: Company) -> None:
    """Nobody depends on it any more."""
    company.stage.unfelt("router", "--stop", f"127.0.0.1:{company.stage.ports['LISTEN']}", due=(0, 1, 2, 3))
