"""The proof report of a rollout, from the records."""

import json
from typing import Any

from unfelt.adapters.sources.harms import unseen_by
from unfelt.documents.change import Change
from unfelt.engines.differences.shown import differences_of
from unfelt.engines.ledger.people import names, revealed
from unfelt.engines.ledger.phrases import MISSION_SAID
from unfelt.engines.ledger.proof import Case, Record, proof_report
from unfelt.records.business_time import is_mission
from unfelt.records.models import Entry, Rollout


def report_of(rollout: Rollout, change: Change) -> dict[str, Any]:
    """The report as it can be given now; sentences are in the language in force."""
    newest = Entry.objects.filter(rollout=rollout).order_by("-sequence").first()
    case = Case(
        change=change,
        rollout=rollout.id,
        revision=rollout.revision_id,
        attempt=rollout.attempt,
        state=rollout.state,
        began=rollout.began,
        ended=rollout.ended,
        status=rollout.status,
        head=newest.digest if newest else "",
        unseen=unseen_by(change),
    )
    entries = Entry.objects.filter(rollout=rollout).order_by("sequence")
    people = names()
    read = (
        Record(row.kind, row.recorded_at, revealed(json.loads(row.body), people)) for row in entries.iterator()
    )
    said = {"mission": str(MISSION_SAID)} if is_mission() else {}
    return {**proof_report(case, read), "differing": differences_of(rollout), **said}
