"""How carefully a change is taken: by its model while that is approved, by its risks otherwise.

A model is approved by two people, for the digest that they read. It loses that when too many of its rollouts go
back.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.model import Model
from unfelt.documents.playbook import Playbook
from unfelt.documents.revision import revise
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entries import MODEL_APPROVED
from unfelt.engines.ledger.gates.care import Lowering, floor_of, is_less
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.gates.standing import Asked
from unfelt.engines.ledger.people import names, revealed
from unfelt.records.business_time import on_this_machine
from unfelt.records.models import Entry, Rollout

WENT_BACK = ("back", "spent", "unmeasured")
"""States in which a rollout of the model counts against it."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved the model, when, and the rollouts that went back since."""

    by: str
    agreed_by: str
    at: datetime
    went_back: tuple[str, ...]
    may_go_back: int

    @property
    def holds(self) -> bool:
        """No more have gone back than the model says may."""
        return len(self.went_back) <= self.may_go_back


def model_name(model: Model) -> str:
    """The model with the digest that is approved: `service-release@0a1b2c3d4e5f`."""
    return f"{model.model.id}@{revise(model).digest[:12]}"


def approve(model: Model, *, by: str, agreed_by: str, at: datetime) -> int:
    """The approval is the newest entry of the chain; GateError where one person gives it twice."""
    if by.strip().lower() == agreed_by.strip().lower():
        raise GateError(Message("An approval takes two people: {name} cannot agree to their own.", name=by))
    body = {
        "model": model_name(model),
        "by": by,
        "agreed_by": agreed_by,
        "may_go_back": model.model.may_go_back,
    }
    return int(record(MODEL_APPROVED, body, rollout=None, at=at).sequence)


def approval_of(name: str) -> Approval | None:
    """The newest approval of the model under that digest; None where there is none."""
    for entry in Entry.objects.filter(kind=MODEL_APPROVED.name).order_by("-sequence"):
        body = revealed(json.loads(entry.body), names())
        if body["model"] == name:
            since = Rollout.objects.filter(
                began__gt=on_this_machine(entry.recorded_at),
                state__in=WENT_BACK,
                revision__canonical__contains=f'"model":{json.dumps(name)}',
            )
            went_back = tuple(since.order_by("began").values_list("id", flat=True))
            return Approval(body["by"], body["agreed_by"], entry.recorded_at, went_back, body["may_go_back"])
    return None


def is_asked(change: Change, playbook: Playbook) -> bool:
    """The plan says how carefully it is taken, or the playbook does where it does not: gates hold it."""
    return change.change.tier is not None or change.change.emergency or playbook.playbook.tier is not None


def as_before(tier: Asked, why: Message, lowered: Sequence[Lowering]) -> tuple[Asked, Message]:
    """What it fell from, while nobody has agreed to that; else as it is taken now."""
    was = floor_of(lowered)
    held: Asked = "normal" if was == "by model" else was if was != "none" else tier
    if was == "none" or not is_less(tier, held):
        return tier, why
    return held, Message("its plan asked for this before, and a second person has yet to agree to less")


def taken_as(change: Change, playbook: Playbook) -> tuple[Asked, Message]:
    """How carefully the change is taken, and why."""
    given = change.change
    if given.emergency:
        return "emergency", Message("it cannot wait")
    if given.tier_because and given.tier:
        return given.tier, Message("the plan says why: {why}", why=given.tier_because)
    if given.tier == "standard":
        return _by_model(given.model or "")
    expected = sum(risk.chance * risk.affects for risk in change.risks)
    if given.tier is None and expected > change.guard.impact_budget:
        why = Message("its risks would affect {n} customers on average, more than the budget", n=round(expected))
        return "major", why
    if given.tier is None and playbook.playbook.tier is not None:
        return playbook.playbook.tier, Message("the playbook says so where the plan does not")
    return given.tier or "normal", Message("the plan says so") if given.tier else Message("nothing else was said")


def _by_model(name: str) -> tuple[Asked, Message]:
    found = approval_of(name)
    model = name.partition("@")[0]
    if found is None:
        return "normal", Message(
            "its change model {model} is not approved as it is now: unfelt model approve {model}", model=model
        )
    if not found.holds:
        return "normal", Message(
            "its change model {model} lost its approval: {rollouts} went back",
            model=model,
            rollouts=", ".join(found.went_back),
        )
    return "standard", Message(
        "its change model {model} is approved by {by} and {other}", model=model, by=found.by, other=found.agreed_by
    )
