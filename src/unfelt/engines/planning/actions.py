"""A plan's own numbers put on record as evidence, for every control that they answer."""

from dataclasses import dataclass
from datetime import datetime

from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Playbook
from unfelt.documents.revision import revise
from unfelt.engines.ledger.actions import keep_plan
from unfelt.engines.ledger.gates.actions import Recorded, add_evidence
from unfelt.engines.ledger.gates.drafting import About
from unfelt.engines.ledger.gates.reading import counted_of
from unfelt.engines.ledger.kinds import MOST_ROWS, Rows
from unfelt.engines.ledger.rules import Rules
from unfelt.engines.planning.assess import Around, Assessment, assess


@dataclass(frozen=True, slots=True)
class Assessed:
    """A control that the plan answers: what was counted, and the record, None where it stands already."""

    control: Control
    rows: Rows
    recorded: Recorded | None


def assess_plan(change: Change, playbook: Playbook, *, at: datetime) -> tuple[Assessed, ...]:
    """Every control that the plan answers is answered; the plan's revision is kept, so that others know of it."""
    written = revise(change)
    keep_plan(name=change.change.id, digest=written.digest, document=written.canonical, at=at)
    around = Around(at, playbook.obligations)
    found = assess(change, around)
    about = About.change(change)
    standing = list(counted_of(about.name))
    answered = []
    for control in playbook.controls:
        rows = rows_for(control, found)
        if rows is None:
            continue
        plain = rows.model_dump(mode="json", exclude_defaults=True)
        parts, limits = about.parts(control), Rules.of(control).texts()
        stands = any(
            one.control == control.id
            and (one.kind, one.payload, dict(one.parts), one.limits) == ("rows", plain, parts, limits)
            and at - one.found_at < control.valid / 2
            for one in standing
        )
        recorded = None if stands else add_evidence(about, control, rows, at=at)
        answered.append(Assessed(control, rows, recorded))
    return tuple(answered)


def rows_for(control: Control, found: Assessment) -> Rows | None:
    """The numbers that the control's limits ask for; None where it takes no rows or the plan lacks one of them."""
    if "rows" not in control.evidence or not control.limits:
        return None
    sources = [control.reads.get("rows", {}).get(name, name) for name in control.limits]
    if not all(source in found for source in sources):
        return None
    wanting = [row.plain() for source in sources for row in found[source].wanting]
    return Rows(
        numbers={source: found[source].value for source in sources},
        of="change.yaml",
        wanting=tuple(wanting[:MOST_ROWS]),
    )
