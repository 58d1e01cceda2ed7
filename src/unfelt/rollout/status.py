"""What people see of a rollout: the newest decision in plain values. Pure."""

from collections.abc import Mapping
from typing import Any

from unfelt.adapters.sources import Batch, Intake
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import CellView, Decision
from unfelt.engines.ledger.counted import uncounted
from unfelt.kernel.tally import ANYTHING
from unfelt.rollout.decide import Standing, State


def status_of(
    standing: Standing,
    batch: Batch,
    decision: Decision,
    change: Change,
    *,
    trouble: Message | None,
    lease: float,
    before: Mapping[str, Any],
) -> dict[str, Any]:
    """Plain values for the terminal, the console and the report; `before` is the status it follows."""
    baseline = standing.state is State.BASELINE
    cells = [cell_row(cell) for cell in decision.cells]
    asked = dict(batch.asked) or dict(before.get("asked", {}))
    return {
        "at": decision.at.isoformat(),
        "state": str(standing.state),
        "since": standing.since.isoformat(),
        "share": 0.0 if baseline else standing.share,
        "action": decision.action,
        "because": (_baseline(decision) if baseline else decision.because).plain(),
        "metric": decision.metric,
        "segment": decision.segment,
        "hurt": [list(cell) for cell in decision.hurt],
        "budget": change.guard.impact_budget,
        "affected": _affected(decision),
        "exposed": batch.exposed,
        "in_flight": batch.in_flight,
        "fallen_back": batch.fallen_back,
        "customers": _customers(cells),
        "cells": [cell for cell in cells if cell["stratum"] is None],
        "strata": [cell for cell in cells if cell["stratum"] is not None],
        "split": {"ok": decision.split.ok, "e_value": decision.split.e_value},
        "more": decision.more,
        "excluded": dict(batch.excluded),
        "mid_journey": batch.mid_journey or before.get("mid_journey", 0),
        "stores": batch.stores or before.get("stores", {}),
        "intake": _total(before.get("intake", {}), batch.intake),
        "asked": asked,
        "uncounted": [said.plain() for said in uncounted(asked, change)],
        "lease": round(lease, 1),
        "trouble": trouble and trouble.plain(),
    }


def cell_row(cell: CellView) -> dict[str, Any]:
    """One metric in one group."""
    return {
        "metric": cell.metric,
        "segment": cell.segment,
        "stratum": cell.stratum,
        "margin": cell.margin,
        "required": cell.promote is not None,
        "old": {"n": cell.old, "bad": cell.old_bad},
        "new": {"n": cell.new, "bad": cell.new_bad},
        "difference": cell.estimate,
        "low": cell.low,
        "high": cell.high,
        "back": cell.back or 0.0,
        "proof": cell.promote or 0.0,
    }


def _baseline(decision: Decision) -> Message:
    if decision.action in ("back", "unmeasured"):
        return decision.because
    return Message("Both groups are on old, to see that they are alike and that nothing is missing.")


def _affected(decision: Decision) -> dict[str, Any]:
    affected = decision.affected
    return {
        "at_most": affected.at_most,
        "estimate": affected.estimate,
        "confidence": affected.confidence,
        "of": affected.of,
        "at_least": affected.at_least,
        "ceiling": affected.ceiling,
    }


def _customers(cells: list[dict[str, Any]]) -> dict[str, int]:
    whole = next(
        (c for c in cells if c["metric"] == ANYTHING and c["segment"] is None and c["stratum"] is None), None
    )
    return {arm: whole[arm]["n"] if whole else 0 for arm in ("old", "new")}


def _total(before: Mapping[str, Any], intake: Intake) -> dict[str, Any]:
    names = ("lines", "unparsed", "late", "unknown")
    total: dict[str, Any] = {name: before.get(name, 0) + getattr(intake, name) for name in names}
    total["examples"] = [*before.get("examples", ()), *intake.examples][:3]
    return total
