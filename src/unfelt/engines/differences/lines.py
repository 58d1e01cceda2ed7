"""Differences as people read them: what belongs together in one line, at most twelve. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unfelt.adapters.sources.unregistered import ANYWHERE, Example
from unfelt.conf.language import Message
from unfelt.engines.differences.judge import Shown
from unfelt.engines.differences.sentences import counts_of, name, sentence

MOST = 12
"""Lines that are shown; the rest is counted."""
_LEADS = ("visit", "refusal", "redirect", "flag", "status", "type", "shape", "times", "header", "ms", "bytes")
"""What says most of a route, in order."""


@dataclass(frozen=True, slots=True)
class Part:
    """One difference with what is on record of it."""

    shown: Shown
    held: bool
    is_accepted: bool = False

    @property
    def is_waiting(self) -> bool:
        """It holds the promotion, and nobody has accepted it."""
        return self.held and not self.is_accepted


def groups_of(parts: Sequence[Part]) -> list[list[Part]]:
    """What belongs together, its lead first; what waits first, then what most customers met."""
    return sorted(_grouped(parts), key=_order)


def _grouped(parts: Sequence[Part]) -> list[list[Part]]:
    """Differences of one route belong together; what is so anywhere stands with the route that tells it.

    A header that differs anywhere takes in the routes on which it does; headers that nobody meets are one line.
    """
    unmet = [one for one in parts if _is_header(one) and not one.held]
    headers: dict[str, list[Part]] = defaultdict(list)
    routes: dict[str, list[Part]] = defaultdict(list)
    anywhere = {_what(one) for one in parts if one.held and _is_header(one) and _is_general(one)}
    for one in parts:
        if _what(one) in anywhere:
            headers[one.shown.feature.value].append(one)
        elif one not in unmet and not _is_general(one):
            routes[one.shown.feature.route].append(one)
    homes = {_what(one): route for route, group in routes.items() for one in group}
    for one in parts:
        if _is_general(one) and not _is_header(one):
            routes[homes.get(_what(one), f"{ANYWHERE} {_what(one)}")].append(one)
    ordered = [sorted(group, key=_lead) for group in (*headers.values(), *routes.values())]
    return [*ordered, unmet] if unmet else ordered


def _is_header(part: Part) -> bool:
    return part.shown.feature.kind == "header"


def _is_general(part: Part) -> bool:
    return part.shown.feature.route == ANYWHERE


def _what(part: Part) -> tuple[str, str]:
    return part.shown.feature.kind, part.shown.feature.value


def _lead(part: Part) -> tuple[Any, ...]:
    """What leads the line of its route: what waits, by its kind, worse answers and more on new first."""
    shown = part.shown
    kind = "refusal" if _is_refusal(part) else shown.feature.kind
    place = (_is_general(part) and not _is_header(part), not part.held, _LEADS.index(kind))
    return *place, not shown.is_more, -shown.new


def _is_refusal(part: Part) -> bool:
    return part.shown.feature.kind == "status" and part.shown.feature.value >= "400"


def _order(group: Sequence[Part]) -> tuple[Any, ...]:
    lead = group[0].shown.feature
    ahead = _is_refusal(group[0]) or (lead.kind == "redirect" and "://" in lead.value)
    most = max(one.shown.new for one in group)
    return not any(one.is_waiting for one in group), not group[0].held, not ahead, -most


def line_of(group: Sequence[Part], example: Example | None) -> dict[str, Any]:
    """The group as plain values."""
    lead = group[0]
    old, new = counts_of(lead.shown)
    own = {name(lead.shown.feature).text} if _is_header(lead) else set()
    others = [text for text in dict.fromkeys(name(one.shown.feature).text for one in group[1:]) if text not in own]
    return {
        "route": lead.shown.feature.route,
        "what": _said(group).plain(),
        "old": old,
        "new": new,
        "customers": lead.shown.new,
        "also": [Message.of({"text": text, "values": {}}).plain() for text in others],
        "held": any(one.held for one in group),
        "waits": any(one.is_waiting for one in group),
        "accepted": None,
        "features": [feature_row(one.shown) for one in group],
        "example": _example(example),
    }


def _said(group: Sequence[Part]) -> Message:
    lead = group[0]
    if not _is_header(lead) or lead.held:
        return sentence(lead.shown)
    names = dict.fromkeys(one.shown.feature.value.partition("=")[0] for one in group)
    return Message("headers of answers that no customer meets: {names}", names=", ".join(names))


def _example(one: Example | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "at": one.at,
        "customer": one.customer,
        "status": one.status,
        "ms": one.milliseconds,
        "bytes": one.size,
    }


def feature_row(shown: Shown) -> dict[str, Any]:
    """The feature in plain values, as the record has it."""
    return {"kind": shown.feature.kind, "route": shown.feature.route, "value": shown.feature.value}
