"""The ledger's own kinds of entries."""

from unfelt.conf.language import Message
from unfelt.engines.ledger.entry_kinds import COVERS, EntryKind

EVIDENCE = EntryKind(
    "evidence",
    Message("evidence"),
    people=("by",),
    holds=(
        *("change", "revision", "control", "kind", "verdict", "why", "found_at", "until", "parts", "payload"),
        *("limits", "artefact", "beside", "origin", "candidate"),
        *("supersedes", "because"),
    ),
)
PAPERS = (EVIDENCE.name, "report")
"""The kinds of artefacts that entries name outside a rollout: files of evidence, and reports that were sent."""
WAIVER = EntryKind(
    "waiver",
    Message("waiver"),
    people=("by", "agreed_by"),
    holds=("change", "revision", "control", "reason", "given_at", "until"),
    at_once=True,
)
PLANNED = EntryKind("planned", Message("plan saved"), people=("by",), holds=("change",))
TIER_LOWERED = EntryKind(
    "tier_lowered", Message("taken less carefully"), people=("by",), holds=("change", "was", "now")
)
TIER_AGREED = EntryKind(
    "tier_agreed",
    Message("taking it less carefully agreed to"),
    people=("by",),
    holds=("change", "up_to", "was", "now"),
    at_once=True,
)
MODEL_APPROVED = EntryKind(
    "model_approved",
    Message("change model approved"),
    people=("by", "agreed_by"),
    holds=("model", "may_go_back"),
    at_once=True,
)
JUDGED_BY = EntryKind("judged by", Message("playbook, programme or catalog kept"), holds=("kind", "name"))
FORGOTTEN = EntryKind("forgotten", Message("name erased"), holds=("people",), at_once=True)
ERASED = EntryKind("erased", Message("data erased"), people=("by",), holds=("digests", "why"), at_once=True)
COVERED = EntryKind("covered", Message("rows covered"), holds=(COVERS,), at_once=True)
KEY = EntryKind("key", Message("key"), holds=("keyid", "public", "before", "why"))
MISSION = EntryKind("mission", Message("mission store"), holds=("seed", "truth"), at_once=True)
CLOCK_MOVED = EntryKind(
    "clock moved",
    Message("business clock moved"),
    holds=("moved_at", "seconds", "from", "to"),
    at_once=True,
)
KINDS = (
    *(EVIDENCE, WAIVER, PLANNED, TIER_LOWERED, TIER_AGREED, MODEL_APPROVED, JUDGED_BY),
    *(FORGOTTEN, ERASED, COVERED, KEY, MISSION, CLOCK_MOVED),
)
