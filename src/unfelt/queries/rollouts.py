"""What the pages show, read from the records."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from unfelt.conf.language import InBoth
from unfelt.documents.bilingual import in_both
from unfelt.documents.change import Change
from unfelt.engines.differences.shown import differences_of
from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.engines.ledger.people import names, revealed
from unfelt.engines.people.access import teams_of, visible
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.kept import plans_of
from unfelt.records.models import Entry, EpochRow, Proposal, Rollout
from unfelt.rollout.decide import FINAL, State
from unfelt.rollout.pinning import Pinned, pinned_at
from unfelt.rollout.rollback import targets

MOST_LINES = 30
"""Lines of the log on the live page; all are in the report."""

MOST_STARTS = 5
"""Windows that are shown before they begin."""

MOST_POINTS = 120
"""Of the course of a rollout."""

SPOKEN = ("order", "proposal", "confirmed", "taken_back", "pinned", "unpinned", "lapse")

WAITING = frozenset({State.SPENT, State.UNMEASURED})
"""States in which a person has something to decide."""


def board_of(wanted: str, known: Reader) -> dict[str, Any]:
    """The rollouts whose id, change or title contains what is wanted, newest first, by where they stand.

    Those that the reader may see.
    """
    found = list(_rollouts().order_by("-began"))
    teams = teams_of({row.change for row in found})
    rows = [row for row in found if known.sees(teams.get(row.change, ""))]
    proposals = {row.rollout_id: row for row in _open_proposals()}
    cards = [card_of(row, proposals.get(row.id)) for row in rows]
    shown = [card for card in cards if wanted.lower() in " ".join([card["id"], *card["titles"].values()]).lower()]
    return {
        "q": wanted,
        "cards": shown,
        "all": len(cards),
        "columns": [
            ("waits", [card for card in shown if card["waits"]]),
            ("goes_on", [card for card in shown if not card["waits"] and not card["is_over"]]),
            ("ended", [card for card in shown if card["is_over"]]),
        ],
    }


def beside_the_board(known: Reader, now: datetime) -> dict[str, Any]:
    """The windows that begin next, and what the probes of changes under way found last."""
    rows = visible(known)
    under_way = Rollout.objects.filter(ended=None).values("change")
    starts = rows.filter(starts__gt=now).order_by("starts")[:MOST_STARTS]
    live = plans_of(rows.filter(name__in=under_way).select_related("revision"))
    return {"starts": list(starts), "probes": [one for change in live.values() for one in _probes(change)]}


def _probes(change: Change) -> Iterable[dict[str, Any]]:
    last = {one.control: one for one in evidence_of(change.change.id) if one.kind == "probe"}
    for probe in change.probes:
        found = last.get(probe.control)
        yield {
            "change": change.change.id,
            "control": probe.control,
            "target": probe.target,
            "verdict": found.verdict if found else "missing",
            "at": found.found_at if found else None,
        }


def card_of(row: Rollout, proposal: Proposal | None) -> dict[str, Any]:
    """A rollout in a few numbers."""
    status, titles = row.status, titles_of(row)
    return {
        "id": row.id,
        "change": row.change,
        "title": str(titles),
        "titles": titles.plain(),
        "state": row.state,
        "is_over": row.state in FINAL,
        "waits": proposal is not None or (row.state in WAITING and row.ended is None),
        "attempt": row.attempt,
        "began": row.began.isoformat(),
        "ended": row.ended and row.ended.isoformat(),
        "share": _share(row),
        "at_most": status.get("affected", {}).get("at_most", 0),
        "exposed": status.get("exposed", 0),
        "budget": row.budget,
        "because": status.get("because"),
    }


def _share(row: Rollout) -> float:
    """Where the newest look saw it; where it ended, once it has."""
    newest = row.newest_share if row.state in FINAL else None
    return float(row.status.get("share", 0.0) if newest is None else newest)


def _rollouts() -> QuerySet[Rollout]:
    """With their plans and the share of their newest epoch, by one query."""
    epochs = EpochRow.objects.filter(rollout=OuterRef("pk")).order_by("-number")
    return Rollout.objects.select_related("revision").annotate(newest_share=Subquery(epochs.values("share")[:1]))


def live_of(rollout: str) -> dict[str, Any]:
    """A rollout as it stands; raises Rollout.DoesNotExist."""
    row = _rollouts().get(pk=rollout)
    proposal = next((one for one in _open_proposals() if one.rollout_id == rollout), None)
    return {
        "card": card_of(row, proposal),
        "status": {**row.status, "share": _share(row), "differing": differences_of(row)} if row.status else None,
        "proposal": proposal
        and {
            "id": proposal.pk,
            "action": proposal.action,
            "share": proposal.share,
            "because": proposal.because,
            "made_at": proposal.made_at.isoformat(),
        },
        "log": log_of(rollout),
    }


def course_of(rollout: str) -> list[dict[str, Any]]:
    """Share and affected at most as decisions found them: `MOST_POINTS` or fewer, evenly spread, with the last."""
    decisions = Entry.objects.filter(rollout_id=rollout, kind="decision").order_by("sequence")
    numbers = list(decisions.values_list("sequence", flat=True))
    step = max(1, -(-len(numbers) // MOST_POINTS))
    chosen = numbers[::-step][::-1]
    return [_point(row) for row in decisions.filter(sequence__in=chosen)]


def _point(row: Entry) -> dict[str, Any]:
    body = json.loads(row.body)
    return {"at": body["until"], "share": body["share"] or 0.0, "at_most": body["at_most"]}


def pins_of(home: Path, rollout: str) -> list[Pinned] | None:
    """Who is pinned by hand at its router; None where it is not under way."""
    found = [one for one in targets(home, name=None, listen=None) if one["rollout"] == rollout]
    return pinned_at(Path(found[0]["router"])) if found else None


def titles_of(row: Rollout) -> InBoth:
    """The change's own title, as readers of each language see it."""
    return in_both(json.loads(row.revision.canonical)["change"]["title"])


def log_of(rollout: str) -> list[dict[str, Any]]:
    """What was done, newest first, each with its sentence as plain data."""
    rows = Entry.objects.filter(rollout_id=rollout, kind__in=SPOKEN).order_by("-sequence")[:MOST_LINES]
    people = names()
    return [_line(row, people) for row in rows]


def _line(row: Entry, people: Mapping[str, str]) -> dict[str, Any]:
    body = revealed(json.loads(row.body), people)
    because = {"text": body["why"], "values": {}} if row.kind == "lapse" else body.get("because")
    return {
        "at": row.recorded_at.isoformat(),
        "kind": row.kind,
        "state": body.get("state") or row.kind,
        "share": body.get("share"),
        "by": body.get("by", "guard"),
        "because": because or None,
    }


def _open_proposals() -> Iterable[Proposal]:
    found: Iterable[Proposal] = Proposal.objects.filter(withdrawn_at=None, confirmed_at=None)
    return found


def live_for(known: Reader) -> list[dict[str, Any]]:
    """The rollouts under way that they may see, in a few numbers each."""
    rows = list(Rollout.objects.filter(ended=None).order_by("began"))
    teams = teams_of({row.change for row in rows}) if rows else {}
    return [
        {
            "id": row.id,
            "change": row.change,
            "share": row.status.get("share", 0.0),
            "at_most": row.status.get("affected", {}).get("at_most", 0),
            "budget": row.budget,
            "may_back": known.may("back", teams.get(row.change, "")),
        }
        for row in rows
        if known.sees(teams.get(row.change, ""))
    ]
