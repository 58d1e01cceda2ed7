"""A change is taken less carefully than before once a second person has agreed: asked and answered here."""

import json
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.documents.revision import expanded
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entries import TIER_AGREED
from unfelt.engines.ledger.gates.actions import must_be_one_of
from unfelt.engines.ledger.gates.care import Care, Lowering, care_of, floor_of, is_less
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.gates.reading import open_lowerings
from unfelt.engines.people.persons import is_same
from unfelt.records.models import ChangeRow


def agree_to_lower(change: Change, playbook: Playbook, *, by: str, at: datetime) -> int:
    """What the plan says holds from here on; GateError where it was not lowered, or by this very person."""
    found = open_lowerings([change.change.id])[change.change.id]
    if not found:
        raise GateError(Message("This change is taken as its plan says: there is nothing to agree to."))
    if any(is_same(one.by, by) for one in found):
        said = Message("It takes two people: {name} wrote the plan and cannot agree to it too.", name=by)
        raise GateError(said)
    must_be_one_of(change, playbook.playbook.may_waive, by=by)
    body = {
        "change": change.change.id,
        "up_to": max(one.number for one in found),
        "was": floor_of(found),
        "now": care_of(expanded(change)),
        "by": by,
    }
    return int(record(TIER_AGREED, body, rollout=None, at=at).sequence)


def unagreed(change: Change) -> tuple[Lowering, ...]:
    """Every lowering that nobody has agreed to, that of a plan which is not on record yet among them."""
    name = change.change.id
    found = open_lowerings([name])[name]
    row = ChangeRow.objects.filter(name=name).select_related("revision").first()
    here = care_of(expanded(change))
    kept: Care = care_of(json.loads(row.revision.canonical)) if row is not None else "none"
    return (*found, Lowering(0, kept, here, "")) if is_less(here, kept) else found
