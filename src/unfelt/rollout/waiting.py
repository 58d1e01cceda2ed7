"""Nothing to look at: the rollout waits for customers, says for which, and at last ends if the plan says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.units import format_duration
from unfelt.engines.guard.cells import OTHER
from unfelt.rollout.decide import Order, Standing, State, rollout_of

BUILT_IN = "device"
SILENCE = 60.0
"""Seconds without a new customer after which that is said; at the beginning a sixth of it."""


def silence(change: Change, *, customers: int, seconds: float) -> Message | None:
    """What is to be said of nobody coming for so many seconds, or None: it is not so long."""
    if seconds < (SILENCE if customers else SILENCE / 6):
        return None
    if not customers:
        return waited_for(change, customers=0, seen={})
    return Message("no new customer came for {seconds:.0f} s: the rollout waits for more of them", seconds=seconds)


def waited_for(change: Change, *, customers: int, seen: Mapping[str, Sequence[str]]) -> Message | None:
    """What the baseline still wants before anybody is moved, or None: it has all.

    customers: those with an id that came so far. seen: the values of each segment, of those looked at to the end.
    """
    if not customers:
        return Message(
            "no customer has come yet: they come through the router on {listen}, and are known by {customer}",
            listen=rollout_of(change).listen,
            customer=_customer(change),
        )
    for segment in change.experience.segments:
        values = [value for value in seen.get(segment.by, ()) if value != OTHER]
        if segment.margin is None or segment.values or values:
            continue
        if seen.get(segment.by):
            return Message(
                "segment {by} must be proved, and every customer so far is “other” there ({source}). Customers "
                "with a value are needed, or the segment without its margin",
                by=segment.by,
                source=_source(change, segment.by),
            )
        return Message(
            "segment {by} must be proved, and no customer with a {by} was seen to the end yet ({source})",
            by=segment.by,
            source=_source(change, segment.by),
        )
    return None


def given_up(change: Change, standing: Standing, wanted: Message, *, now: datetime) -> Order | None:
    """The end of a rollout that has waited as long as its plan allows; nobody was moved."""
    limit = change.guard.unseen
    if limit is None or now - standing.since < rollout_of(change).baseline + limit:
        return None
    why = Message(
        "ended before anybody was moved, after {time} of waiting: {wanted}",
        time=format_duration(limit),
        wanted=wanted,
    )
    return Order(State.BACK, 0.0, why)


def _customer(change: Change) -> str:
    given = change.experience.customer
    return given if isinstance(given, str) else ", ".join(given)


def _source(change: Change, by: str) -> Message | str:
    if by == BUILT_IN and by not in change.experience.columns:
        return Message("phone, tablet or desktop, by the user agent of browsers")
    return change.experience.columns.get(by, f"header:x-{by}")
