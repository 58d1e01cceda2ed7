"""What a plan that holds should still think of: warnings, never refusals."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from unfelt.conf.language import Message
from unfelt.documents.catalog import Catalog, per_second
from unfelt.documents.change import Change, Metric
from unfelt.documents.problems import Path
from unfelt.documents.questions import base_of
from unfelt.documents.rolling import RolloutPlan
from unfelt.documents.units import format_fraction

BASE_RATE = 0.01
"""The part of customers who meet something bad on old, in a forecast before a baseline has measured it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to think of, and where."""

    path: Path
    message: Message


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a proof is likely to take, if new is as good as old."""

    metric: str
    """The metric that takes longest to prove."""
    customers: float
    seconds: float
    budget: float


def warnings_of(change: Change, catalog: Catalog | None) -> Iterator[Advice]:
    """Everything to think of before the plan is carried out."""
    yield from _touches(change, catalog)
    if change.rollout is not None and not change.needs:
        yield Advice(("needs",), Message("The plan does not say why the change is made."))
    if change.rollout is not None and not change.rollout.writes:
        yield Advice(
            ("rollout", "writes"),
            Message("The plan does not say what happens, when customers go back, to what was written on new."),
        )
    yield from _budget(change, outlook(change, catalog))


def _touches(change: Change, catalog: Catalog | None) -> Iterator[Advice]:
    if not change.touches:
        yield Advice(("touches",), Message("The plan names nothing that customers meet. Add touchpoints."))
    elif catalog is None:
        yield Advice(
            ("touches",),
            Message("There is no catalog.yaml beside the plan: nobody checked that these touchpoints exist."),
        )
        return
    known = [touchpoint.name for touchpoint in catalog.touchpoints] if catalog else []
    for number, name in enumerate(change.touches):
        if name not in known:
            near = ", ".join(get_close_matches(name, known, n=3) or known)
            yield Advice(
                ("touches", number),
                Message("{name} is not in the catalog. There are: {near}.", name=name, near=near),
            )


def _budget(change: Change, found: Outlook | None) -> Iterator[Advice]:
    if found is None or found.budget <= change.guard.impact_budget:
        return
    yield Advice(
        ("guard", "impact_budget"),
        Message(
            "With {budget} customers the margins can hardly be proved: about {needed} are needed if {rate} of "
            "customers meet something bad on old. A wider margin for {metric}, or a larger budget, helps most.",
            budget=change.guard.impact_budget,
            needed=round(found.budget),
            rate=format_fraction(BASE_RATE),
            metric=found.metric,
        ),
    )


def outlook(change: Change, catalog: Catalog | None) -> Outlook | None:
    """The forecast from the traffic that the catalog names; None where it names none or nothing is rolled out."""
    rate = traffic_of(change, catalog)
    if change.rollout is None or not rate:
        return None
    metric = max(change.experience.metrics, key=lambda one: _needed(one, change))
    return _forecast(change, change.rollout, metric, rate)


def _forecast(change: Change, plan: RolloutPlan, metric: Metric, rate: float) -> Outlook:
    from unfelt.kernel.limits import ENGINEERING, smallest_budget

    new = ENGINEERING * _needed(metric, change)
    flight = rate * plan.largest_share * (change.experience.observe + change.experience.grace).total_seconds()
    budget = smallest_budget(
        new, anything=BASE_RATE, q=plan.largest_share, level=_level(change), in_flight=min(flight, new)
    )
    customers = new / plan.largest_share
    return Outlook(metric.id, customers, customers / rate, budget)


def _needed(metric: Metric, change: Change) -> float:
    from unfelt.kernel.limits import needed_to_prove

    rho, d = (metric.margin.value, 0.0) if metric.margin.kind == "ratio" else (1.0, metric.margin.value)
    share = change.rollout.largest_share if change.rollout else 0.5
    base = base_of(metric, BASE_RATE)
    return float(needed_to_prove(base, base, share, level=_level(change), rho=rho, d=d))


def _level(change: Change) -> float:
    level: float = change.guard.missed_harm * 3 / 4**change.guard.attempt
    return level


def traffic_of(change: Change, catalog: Catalog | None) -> float:
    """Customers a second at the busiest touchpoint that the change reaches: who meets several counts once."""
    touched = [one for one in catalog.touchpoints if one.name in change.touches] if catalog else []
    return max((per_second(one.traffic) for one in touched if one.traffic), default=0.0)
