"""What must fit together between the sections of a plan: names that are there, times in order, one currency."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.findings import Finding, attempt, listed, mapping, texts, unique, unknown
from unfelt.documents.moments import Money, parse_moment, parse_money
from unfelt.documents.problems import Path

NAMED = ("people", "risks", "steps", "way_back")


def check_sections(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in the sections of a plan that does not fit together."""
    for section in NAMED:
        yield from unique(data.get(section), (section,), "id")
    metrics = _names(mapping(data.get("experience")).get("metrics"), "id")
    touches = tuple(one for one in listed(data.get("touches")) if isinstance(one, str))
    people, needs = _names(data.get("people"), "id"), _names(data.get("needs"), "id")
    no_metric, no_touch = Message("there is no such metric"), Message("the change does not touch it")
    yield from _known(data, "criteria", "metric", metrics, no_metric)
    yield from _known(data, "risks", "trigger", metrics, no_metric)
    yield from _known(data, "risks", "on", touches, no_touch)
    yield from _known(data, "courses", "about", touches, no_touch)
    yield from _known(data, "people", "deputy", people, Message("there is nobody of that name in `people`"))
    for section in ("steps", "way_back"):
        yield from _known(data, section, "by", people, Message("there is nobody of that name in `people`"))
        yield from _known(data, section, "serves", needs, Message("there is no such need"))
        yield from _order(data, section)
    yield from _tier(mapping(data.get("change")))
    yield from _facts(data)
    yield from _span(mapping(data.get("window")), ("window",))
    for number, person in enumerate(listed(data.get("people"))):
        for place, away in enumerate(listed(mapping(person).get("away"))):
            yield from _span(mapping(away), ("people", number, "away", place))
    yield from _currency(mapping(data.get("costs")))


def _names(items: object, key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts(items, key).values()))


def _known(
    data: Mapping[str, Any], section: str, key: str, known: tuple[str, ...], what: Message
) -> Iterator[Finding]:
    for number, name in texts(data.get(section), key).items():
        if name not in known:
            yield unknown((section, number, key), name, known, what)


def _order(data: Mapping[str, Any], section: str) -> Iterator[Finding]:
    """Steps name steps that are there, and none waits for itself."""
    ids = _names(data.get(section), "id")
    waits: dict[str, set[str]] = {}
    for number, step in enumerate(listed(data.get(section))):
        name = mapping(step).get("id")
        for place, before in enumerate(listed(mapping(step).get("after"))):
            here: Path = (section, number, "after", place)
            if isinstance(before, str) and before not in ids:
                yield unknown(here, before, ids, Message("there is no such step"))
            elif isinstance(before, str) and isinstance(name, str):
                waits.setdefault(name, set()).add(before)
                if name in _all_before(before, waits):
                    remedy = Message("Let one of them come first.")
                    yield Finding(here, Message("the two steps wait for each other"), remedy)


def _all_before(name: str, waits: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [name]
    while left:
        step = left.pop()
        if step not in found:
            found.add(step)
            left += waits.get(step, ())
    return found


def _tier(change: Mapping[str, Any]) -> Iterator[Finding]:
    if change.get("tier") == "standard" and not (change.get("model") or change.get("tier_because")):
        yield Finding(
            ("change", "tier"),
            Message("a standard change is made from a change model"),
            Message("Name it in `change.model` (unfelt new --model list), or say `change.tier_because`."),
        )


DENIED: Mapping[str, tuple[str, str]] = {
    "partners": ("none", "partners"),
    "customer_visible": ("false", "courses"),
}
"""Facts that say that there is nothing of what a section lists."""


def _facts(data: Mapping[str, Any]) -> Iterator[Finding]:
    """What a fact denies is in no section of the plan."""
    facts = mapping(mapping(data.get("change")).get("facts"))
    for name, (value, section) in DENIED.items():
        if str(facts.get(name, "")).lower() == value and listed(data.get(section)):
            yield Finding(
                ("change", "facts", name),
                Message(
                    "the plan says {value} here, and lists some under `{section}`", value=value, section=section
                ),
                Message("Take the fact out, or the section."),
            )
    if str(facts.get("data_moved", "")).lower() == "false" and facts.get("personal_data") == "moved":
        yield Finding(
            ("change", "facts", "data_moved"),
            Message("personal data is moved, and so data is"),
            Message("Write data_moved: true."),
        )


def _span(span: Mapping[str, Any], here: Path) -> Iterator[Finding]:
    start, end = (attempt(parse_moment, span.get(key)) for key in ("from", "to"))
    if isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
        yield Finding((*here, "to"), Message("it ends before it begins"), Message("Write a later moment."))


def _currency(costs: Mapping[str, Any]) -> Iterator[Finding]:
    budget = attempt(parse_money, costs.get("budget"))
    for number, item in enumerate(listed(costs.get("items"))):
        for key in ("amount", "at_most"):
            amount = attempt(parse_money, mapping(item).get(key))
            if isinstance(budget, Money) and isinstance(amount, Money) and amount.currency != budget.currency:
                yield Finding(
                    ("costs", "items", number, key),
                    Message("this is not the budget's currency"),
                    Message("Write it in {currency}.", currency=budget.currency),
                )
