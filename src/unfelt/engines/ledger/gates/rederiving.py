"""What was derived when a gate opened is derived again, from the same entries and documents."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic import ValidationError

from unfelt.conf.language import Message
from unfelt.engines.ledger.derived import Derived
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.gates.reading import derived_then
from unfelt.engines.ledger.gates.sealed import sealed_ground
from unfelt.engines.ledger.gates.standing import Asked


def derived_faults(sealed: Sequence[tuple[int, Mapping[str, Any]]], digests: Mapping[int, str]) -> Iterator[Fault]:
    """Entries whose numbers do not follow from the entries before them; digests are those of the chain."""
    known: dict[tuple[Any, ...], Mapping[str, Derived] | Message] = {}
    for number, body in sealed:
        payload = Derived.model_validate(body["payload"])
        if digests.get(payload.upto) != payload.inputs.get("ledger") or payload.upto >= number:
            yield entry_fault(number, Message("it was derived from another ledger than this one"))
            continue
        key = (body["change"], payload.upto, body["found_at"], *sorted(payload.inputs.items()))
        if key not in known:
            known[key] = _again(payload, body)
        again = known[key]
        if isinstance(again, Message):
            yield entry_fault(number, again)
        elif not _is_same(payload, again.get(body["control"])):
            yield entry_fault(number, Message("derived again from the same entries it is something else"))


def _again(payload: Derived, body: Mapping[str, Any]) -> Mapping[str, Derived] | Message:
    try:
        change, place = sealed_ground(payload.inputs)
        at = datetime.fromisoformat(body["found_at"])
        tier = cast(Asked, payload.inputs["tier"])
        return derived_then(change, place, now=at, upto=payload.upto, tier=tier)
    except (KeyError, ValueError, ValidationError):
        return Message("what it was derived from is missing or cannot be read")


def _is_same(payload: Derived, again: Derived | None) -> bool:
    return again is not None and (payload.numbers, payload.weakest) == (again.numbers, again.weakest)
