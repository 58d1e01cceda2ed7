"""A report is sent to members as it stands, and each says that they have it; all of it is on record."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Literal

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.documents.revision import revise
from unfelt.engines.ledger.actions import keep_artefact
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.gates.sealed import seal_derived
from unfelt.engines.ledger.gates.standing import Case, Evaluation
from unfelt.engines.ledger.standards import Standards
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.reading import reader_of
from unfelt.engines.rights import as_roles
from unfelt.engines.teamwork.actions import DOUBLE_CLICK, TeamworkError, note
from unfelt.engines.teamwork.entries import REPORT_RECEIVED, REPORT_SENT
from unfelt.engines.teamwork.parts import named_in
from unfelt.engines.teamwork.receipts import SentReport, known_token, reports_sent, sent_report
from unfelt.records.models import ChangeRow, Member

Kind = Literal["compliance", "cost", "time"]
Written = Callable[[Change, Playbook, Case, Evaluation], str]
"""The report as a page that stands alone."""
KEPT_AS = "report"
"""The kind of its artefact."""


def usual_recipients(change: Change, *, by: str) -> list[Member]:
    """Who has a part in the plan, its owner, and the auditors of its team; nobody is sent what they send."""
    team, named = change.change.team or "", [one.name for one in named_in(change)]
    rows = Member.objects.filter(is_active=True).prefetch_related("memberships").order_by("name")
    return [
        one
        for one in rows
        if not is_same(one.name, by) and _has_role(one)
        if _audits(one, team) or any(is_same(one.name, name) for name in named)
    ]


def _has_role(member: Member) -> bool:
    return bool(member.roles) or any(held.roles for held in member.memberships.all())


def _audits(member: Member, team: str) -> bool:
    held = (one.roles for one in member.memberships.all() if not team or one.team_id == team)
    return any("auditor" in as_roles(roles) for roles in (member.roles, *held))


def send_report(
    change: Change,
    place: Standards,
    to: Sequence[Member],
    *,
    written: Written,
    by: str,
    at: datetime,
    kind: Kind = "compliance",
) -> str:
    """The report as it stands is kept and sent to them; its SHA-256.

    What was derived for it is sealed with it, from the same entries. TeamworkError where the plan is not the one
    that stands, or somebody could not open it. Pressed twice, it is sent once.
    """
    _must_reach(to, by, at)
    with in_turn():
        revision, name = _standing(change), change.change.id
        pressed = _just_sent(name, kind, to, by, at)
        if pressed is not None:
            return pressed.digest
        case, found = case_of(change, place.playbook, now=at), evaluated(change, place, now=at)
        content = written(change, place.playbook, case, found).encode()
        seal_derived(change, place, found, tier=case.tier, at=at)
        digest = keep_artefact(KEPT_AS, content, at=at)
        said = {"change": name, "revision": revision, "report": digest, "kind": kind}
        for member in _once(to):
            note(REPORT_SENT, {**said, "person": member.name}, by=by, at=at, revision=revision)
    return digest


def _once(to: Collection[Member]) -> Collection[Member]:
    return {member.pk: member for member in to}.values()


def _must_reach(to: Sequence[Member], by: str, at: datetime) -> None:
    if not to:
        raise TeamworkError(Message("Nobody is named whom the report is sent to: name members."))
    for member in to:
        if is_same(member.name, by):
            raise TeamworkError(
                Message("{name} sends the report, and cannot receive it too: name others.", name=by)
            )
        if not member.is_active or not reader_of(member, now=at).may("read"):
            raise TeamworkError(
                Message("{name} has no role here and could not open the report.", name=member.name)
            )


def _standing(change: Change) -> str:
    """The digest of the plan, which is the one that stands."""
    row, digest = ChangeRow.objects.filter(name=change.change.id).first(), revise(change).digest
    if row is None or row.revision_id != digest:
        raise TeamworkError(Message("The plan was edited since you opened it: read it again."))
    return digest


def _just_sent(change: str, kind: str, to: Sequence[Member], by: str, at: datetime) -> SentReport | None:
    """What they have sent a moment ago to the same people."""
    newest = next((one for one in reports_sent([change]) if one.kind == kind), None)
    if newest is None or newest.by != by or at - newest.at >= DOUBLE_CLICK:
        return None
    return newest if {one.name for one in newest.receipts} == {one.name for one in to} else None


def receive_report(change: str, digest: str, *, by: Member, at: datetime) -> None:
    """They have received it; said twice it is once. TeamworkError where it was not sent to them."""
    with in_turn():
        found = sent_report(change, digest)
        receipt = found.receipt_of(known_token(by.name)) if found is not None else None
        if receipt is None:
            raise TeamworkError(
                Message("This report was not sent to {name}: whom it was sent to says so.", name=by.name)
            )
        if receipt.received_at is None:
            note(REPORT_RECEIVED, {"change": change, "report": digest}, by=by.name, at=at)
