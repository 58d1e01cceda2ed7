"""How carefully a plan says it is taken, and that this falls only by agreement: pure.

It may rise at any time. What it fell from holds until a second person has agreed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from unfelt.engines.ledger.entries import TIER_AGREED, TIER_LOWERED

Care = Literal["none", "emergency", "standard", "by model", "normal", "major"]
"""From the least to the most that a plan asks for; `by model`: standard while its change model is approved."""
CARES: tuple[Care, ...] = get_args(Care)
LOWERED, AGREED = TIER_LOWERED.name, TIER_AGREED.name
"""Entries: a plan was saved that asks for less than the one before; a second person agreed to it."""


def care_of(plan: Mapping[str, Any]) -> Care:
    """What the expanded plan says of itself.

    >>> care_of({"change": {"tier": "standard", "tier_because": "small"}}), care_of({"change": {}})
    ('standard', 'none')
    """
    said = plan.get("change") or {}
    if said.get("emergency"):
        return "emergency"
    tier = said.get("tier")
    if tier == "standard" and not said.get("tier_because"):
        return "by model"
    return tier if tier in ("standard", "normal", "major") else "none"


def is_less(care: Care, than: Care) -> bool:
    """It asks for less."""
    return CARES.index(care) < CARES.index(than)


@dataclass(frozen=True, slots=True)
class Lowering:
    """An entry: from where it fell to where, and who wrote the plan."""

    number: int
    was: Care
    now: Care
    by: str


def still_open(lowerings: Iterable[Lowering], *, agreed_up_to: int) -> tuple[Lowering, ...]:
    """Those that nobody has agreed to."""
    return tuple(one for one in lowerings if one.number > agreed_up_to)


def floor_of(lowerings: Iterable[Lowering]) -> Care:
    """The most that was asked before a lowering that nobody has agreed to; `none` where there is none."""
    return max((one.was for one in lowerings), key=CARES.index, default="none")
