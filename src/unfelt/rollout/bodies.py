"""What the ledger keeps of a look, an order and where a rollout stands."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from unfelt.adapters.sources import Batch
from unfelt.conf.language import Message
from unfelt.engines.differences.standing import Differing
from unfelt.engines.guard import Decision
from unfelt.kernel.tally import Tally
from unfelt.rollout.decide import Order, Standing, State


@dataclass(frozen=True, slots=True)
class Tick:
    """One look at the evidence, with everything the decision was made from."""

    batch: Batch
    decision: Decision
    trouble: Message | None
    standing: Standing
    """Where the rollout stood when it was looked at."""
    state: bytes
    """The guard after it."""
    status: Mapping[str, Any]
    at: datetime
    after: datetime | None
    """When the tick before it was made, the newest that was on record when this one began; None for the first."""
    differing: Differing = field(default_factory=Differing)


def action_of(order: Order) -> str:
    """The order in the guard's words."""
    names = {State.BACK: "back", State.SPENT: "spent", State.PROMOTING: "promote"}
    return names.get(order.state, "widen")


def order_body(order: Order) -> dict[str, Any]:
    """An order as the ledger keeps it."""
    return {"state": str(order.state), "share": order.share, "step": order.step, "because": order.because.plain()}


def decision_body(tick: Tick) -> dict[str, Any]:
    """A decision with all that it was made from, as the ledger keeps it."""
    batch, decision = tick.batch, tick.decision
    besides = {"mid_journey": batch.mid_journey, "stores": batch.stores}
    return {name: value for name, value in besides.items() if value} | {
        "batch": batch.number,
        "until": batch.until and batch.until.isoformat(),
        "read": batch.read and batch.read.isoformat(),
        "tallies": [tally_row(tally) for tally in batch.tallies],
        "failures": [tally_row(tally) for tally in batch.failures],
        "splits": [[split.propensity, split.old, split.new] for split in batch.splits],
        "exposed": batch.exposed,
        "in_flight": batch.in_flight,
        "felt": batch.felt,
        "fallen_back": batch.fallen_back,
        "crossed": batch.crossed,
        "excluded": dict(batch.excluded),
        "intake": json.loads(json.dumps(asdict(batch.intake))),
        "trouble": tick.trouble and tick.trouble.plain(),
        "action": decision.action,
        "share": decision.share,
        "because": decision.because.plain(),
        "metric": decision.metric,
        "segment": decision.segment,
        "at_most": decision.affected.at_most,
        "stood": standing_row(tick.standing),
        "guard": hashlib.sha256(tick.state).hexdigest(),
    }


def standing_row(standing: Standing) -> dict[str, Any]:
    """Where a rollout stands, as the ledger keeps it."""
    return {
        "state": str(standing.state),
        "since": standing.since.isoformat(),
        "share": standing.share,
        "step": standing.step,
        "promoted": standing.promoted,
    }


def tally_row(tally: Tally) -> list[Any]:
    """A tally as a row of plain values."""
    return [tally.arm, tally.propensity, tally.stratum, tally.segment, tally.metric, tally.n, tally.bad]
