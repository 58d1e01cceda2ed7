"""What rollouts ended with, as evidence for the controls that ask for it: written once, when it ends."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.playbook import Playbook
from unfelt.documents.revision import restored
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.gates.actions import add_evidence
from unfelt.engines.ledger.gates.drafting import About
from unfelt.engines.ledger.gates.reading import EVIDENCE, bodies_of
from unfelt.engines.ledger.kinds import RolloutFound
from unfelt.engines.ledger.proof import Case, Record, proof_report
from unfelt.engines.ledger.rules import Rules
from unfelt.records.business_time import in_business
from unfelt.records.models import Entry, Rollout


def note_rollouts(change: str, playbook: Playbook) -> int:
    """Every ended rollout of the change is evidence for the plan that it was judged under; how many were new.

    A control is answered where the rollout gives every number that its limits ask for.
    """
    known = noted(change)
    takers = [control for control in playbook.controls if "rollout" in control.evidence]
    new = 0
    for row in Rollout.objects.filter(change=change).exclude(ended=None).exclude(id__in=known).order_by("began"):
        found = rollout_found(row)
        ended = in_business(row.ended)
        about = About(change, row.revision_id, json.loads(row.revision.canonical))
        for control in takers:
            if Rules.of(control).answers(found):
                add_evidence(about, control, found, at=ended, by="guard")
                new += 1
    return new


def noted(change: str) -> set[str]:
    """The rollouts of the change that are evidence already."""
    bodies = (body for _number, body in bodies_of(EVIDENCE, change))
    return {str(body["payload"]["rollout"]) for body in bodies if body["kind"] == "rollout"}


def rollout_found(row: Rollout) -> RolloutFound:
    """The numbers of one ended rollout.

    `proved` 1 or 0, and `unproved`, its opposite; `harmed`: metrics and groups in which harm was seen; `affected`,
    at most, and `budget_used`, its part of the budget; `recovery_time`: seconds from complete evidence until all
    were on old, where it went back; `lapses` of the lease.
    """
    entries = Entry.objects.filter(rollout=row).order_by("sequence")
    change = restored(json.loads(row.revision.canonical))
    case = Case(change, row.id, row.revision_id, row.attempt, row.state, row.began, row.ended, row.status, "")
    records = (Record(one.kind, one.recorded_at, json.loads(one.body)) for one in entries.iterator())
    report = proof_report(case, records)
    affected = float(report["affected"].get("at_most", 0))
    proved = float(row.promoted_at is not None and row.state == "done")
    numbers = {
        "proved": proved,
        "unproved": 1 - proved,
        "harmed": float(len(report["hurt"])),
        "affected": affected,
        "budget_used": affected / row.budget if row.budget else 0.0,
        "lapses": float(len(report["lapses"])),
    }
    way_back = report["way_back"]
    if way_back and way_back["seconds"] is not None:
        numbers["recovery_time"] = float(way_back["seconds"])
    return RolloutFound(rollout=row.id, state=row.state, numbers=numbers, rates=_rates(report["metrics"]))


def _rates(cells: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int, int, int]]:
    """Of every metric that is counted, over all segments and times."""
    whole = [one for one in cells if one.get("segment") is None and one.get("stratum") is None]
    return {
        one["metric"]: (one["old"]["n"], one["old"]["bad"], one["new"]["n"], one["new"]["bad"])
        for one in whole
        if all(isinstance(one[arm]["bad"], int) for arm in ("old", "new"))
    }


def rollout_faults(noted: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Fault]:
    """Entries whose numbers are not those of the rollout's own decisions."""
    known: dict[str, RolloutFound | None] = {}
    for number, body in noted:
        payload = RolloutFound.model_validate(body["payload"])
        if payload.rollout not in known:
            row = Rollout.objects.filter(id=payload.rollout).select_related("revision").first()
            known[payload.rollout] = rollout_found(row) if row is not None else None
        if known[payload.rollout] != payload:
            said = Message("what the rollout {rollout} ended with is something else", rollout=payload.rollout)
            yield entry_fault(number, said)
