"""Plans written by several people: every saved text is kept, two edits meet, what one voids is known before."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.revision import restored, revise
from unfelt.documents.writing import joined, text_of
from unfelt.engines.ledger.actions import keep_plan
from unfelt.engines.ledger.gates.decide import evaluate
from unfelt.engines.ledger.gates.reading import case_of, facts_of
from unfelt.engines.ledger.gates.standing import Standing
from unfelt.engines.ledger.people import names, token_of
from unfelt.engines.planning.actions import assess_plan
from unfelt.records.models import ChangeRow, Draft, Member, PlanText


@dataclass(frozen=True, slots=True)
class Written:
    """A plan as text, and its number among the texts of its change; one that came as a file has the next."""

    number: int
    text: str
    by: str = ""
    at: datetime | None = None


class EditedError(Exception):
    """Somebody else saved meanwhile: `theirs` stands now; `joined` is both edits in one, None where they clash."""

    def __init__(self, theirs: Written, both: str | None) -> None:
        super().__init__(theirs.number)
        self.theirs, self.joined = theirs, both


class TakenError(Exception):
    """A new change has the name of one that is there."""


def written(name: str) -> Written | None:
    """The newest plan of the change as text; None where there is none. One that came as a file is spelled anew."""
    row = ChangeRow.objects.filter(name=name).select_related("revision").first()
    if row is None:
        return None
    last = PlanText.objects.filter(change=name).last()
    if last is not None and last.revision_id == row.revision_id:
        return Written(last.number, last.text, names().get(last.by, last.by), last.saved_at)
    text = text_of(restored(json.loads(row.revision.canonical)))
    return Written(last.number + 1 if last else 1, text, "", row.saved_at)


def texts(name: str) -> list[PlanText]:
    """Every saved text of the plan, oldest first."""
    return list(PlanText.objects.filter(change=name))


def save(
    change: Change,
    text: str,
    *,
    based_on: int | None,
    by: Member,
    at: datetime,
    playbook: Playbook,
) -> Written:
    """The text is the newest plan of its change, its numbers are on record and the writer's draft is gone.

    based_on: the number of the text that it was edited from; None for a new change. EditedError where that is not
    the newest any more, TakenError where a new change has the name of another.
    """
    name = change.change.id
    with transaction.atomic():
        now = written(name)
        if now is not None and based_on is None:
            raise TakenError
        if now is not None and now.number != based_on:
            base = PlanText.objects.filter(change=name, number=based_on).first()
            raise EditedError(now, joined(base.text, text, now.text) if base else None)
        if now is not None and not PlanText.objects.filter(change=name, number=now.number).exists():
            row = ChangeRow.objects.get(name=name)  # It came as a file: later edits of it meet on this text.
            PlanText.objects.create(
                change=name,
                number=now.number,
                text=now.text,
                revision_id=row.revision_id,
                by="",
                saved_at=row.saved_at,
            )
        revision = revise(change)
        keep_plan(name=name, digest=revision.digest, document=revision.canonical, at=at, by=by.name)
        number = (now.number if now else 0) + 1
        PlanText.objects.create(
            change=name,
            number=number,
            text=text,
            revision_id=revision.digest,
            by=token_of(by.name, at=at),
            saved_at=at,
        )
        Draft.objects.filter(member=by, change__in=(name, "") if based_on is None else (name,)).delete()
    assess_plan(change, playbook, at=at)
    return Written(number, text, by.name, at)


def keep_draft(member: Member, change: str, text: str, *, based_on: int, at: datetime) -> None:
    """What they have typed is found again."""
    Draft.objects.update_or_create(
        member=member, change=change, defaults={"text": text, "based_on": based_on, "typed_at": at}
    )


def draft_of(member: Member, change: str) -> Draft | None:
    """What they have typed about the change and not saved."""
    found: Draft | None = Draft.objects.filter(member=member, change=change).first()
    return found


def drop_draft(member: Member, change: str) -> None:
    """They begin again from what is saved."""
    Draft.objects.filter(member=member, change=change).delete()


def voided(
    old: Change, new: Change, playbook: Playbook, programme: Programme | None, *, now: datetime
) -> list[Standing]:
    """The controls that are answered under the old plan and would not be under the new one, as they then stand."""
    evidence, waivers = facts_of(old.change.id, programme)
    before = evaluate(playbook, case_of(old, playbook, now=now), evidence, waivers)
    after = evaluate(playbook, case_of(new, playbook, now=now), evidence, waivers)
    answered = {one.control.id for one in before.controls if one.state in ("pass", "stated", "signed")}
    return [one for one in after.controls if one.state == "stale" and one.control.id in answered]
