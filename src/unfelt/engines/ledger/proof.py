"""The proof report: who was affected, at most, with what confidence, and what was not measured. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.bilingual import in_both
from unfelt.documents.change import Change
from unfelt.engines.ledger.counted import cut_of, table_of, uncounted
from unfelt.engines.ledger.promises_said import journeys_said, promises_said
from unfelt.engines.ledger.way_back import WayBack, least_affected


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of the chain as the report reads it."""

    kind: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """What the report is about: one attempt at a change, as it stands."""

    change: Change
    rollout: str
    revision: str
    attempt: int
    state: str
    began: datetime
    ended: datetime | None
    status: Mapping[str, Any]
    head: str
    """Digest of the newest entry of the chain."""
    unseen: Sequence[Message] = ()
    """The kinds of harm that no metric of the plan would see."""


@dataclass(slots=True)
class _Seen:
    """What a walk along the chain adds up."""

    hours: dict[str, int] = field(default_factory=dict)
    shares: list[float] = field(default_factory=list)
    lapses: list[Mapping[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    decisions: int = 0
    troubles: dict[str, int] = field(default_factory=dict)
    last: str = ""
    proved: bool = False
    reason: str = ""
    """Of the newest order that decided something: the first promotion, or the way back."""
    way_back: WayBack = field(default_factory=WayBack)
    in_flight: int = 0
    """Customers on new with an open window, at the newest look."""
    cut_by_back: int = 0
    """So many there were when everybody was put on old."""


def proof_report(case: Case, records: Iterable[Record]) -> dict[str, Any]:
    """The report as plain data; sentences are in the language in force."""
    seen = _walk(records)
    status = case.status
    affected = {**status.get("affected", {}), "budget": status.get("budget")}
    affected["left_for_next_attempt"] = max(0, (status.get("budget") or 0) - int(affected.get("at_most", 0)))
    return {
        "change": {
            "id": case.change.change.id,
            "title": str(case.change.change.title),
            "titles": in_both(case.change.change.title).plain(),
            "owner": case.change.change.owner,
        },
        "rollout": case.rollout,
        "revision": case.revision,
        "attempt": case.attempt,
        "final": case.state,
        "because": seen.reason or (str(Message.of(status["because"])) if "because" in status else ""),
        "began": case.began.isoformat(),
        "ended": case.ended and case.ended.isoformat(),
        "customers": {"old": 0, "new": 0, **status.get("customers", {}), "exposed": status.get("exposed", 0)},
        "affected": affected,
        "metric": status.get("metric"),
        "segment": status.get("segment"),
        "hurt": list(status.get("hurt", ())),
        "metrics": list(status.get("cells", ())),
        "split": status.get("split"),
        "covered": {
            "hours": [{"hour": hour, "customers": n} for hour, n in sorted(seen.hours.items())],
            "shares": seen.shares,
        },
        "stores": status.get("stores", {}),
        "promises": [str(line) for line in promises_said(status.get("stores", {}), state=case.state)],
        "mid_journey": {"moved": status.get("mid_journey", 0), "put_back": seen.cut_by_back},
        "journeys": [str(line) for line in journeys_said(status.get("mid_journey", 0), seen.cut_by_back)],
        "not_measured": [str(line) for line in _not_measured(case, seen)],
        "requests": table_of(status),
        "cut": [str(line) for line in cut_of(status)],
        "uncounted": [str(line) for line in uncounted(status.get("asked", {}), case.change)],
        "assumed": [str(line) for line in _assumed(case)],
        "log": seen.log,
        "decisions": seen.decisions,
        "way_back": _way_back(case, seen),
        "lapses": list(seen.lapses),
        "intake": status.get("intake", {}),
        "ledger": {"head": case.head},
    }


def _walk(records: Iterable[Record]) -> _Seen:
    seen = _Seen()
    for entry in records:
        if entry.kind == "decision":
            _decision(seen, entry)
        elif entry.kind == "lapse":
            seen.lapses.append(entry.body)
            seen.log.append(_line(entry, lapse_reason(str(entry.body["why"]))))
        elif entry.kind in ("order", "proposal", "confirmed", "taken_back", "pinned", "unpinned"):
            seen.log.append(_line(entry, _sentence(entry.body)))
            _reason(seen, entry)
            if entry.kind == "order":
                _ordered(seen, entry)
        elif entry.kind == "moved":
            seen.shares.append(entry.body["share"])
    return seen


def _ordered(seen: _Seen, entry: Record) -> None:
    if entry.body["state"] == "back" and seen.way_back.on_old is None:
        seen.cut_by_back = seen.in_flight
    seen.way_back.order(entry.body["state"], at=entry.at)


def _way_back(case: Case, seen: _Seen) -> dict[str, Any] | None:
    back = seen.way_back
    if back.on_old is None:
        return None
    shares = [share for share in seen.shares if share]
    limit = least_affected(
        case.status.get("cells", ()),
        metric=case.status.get("metric"),
        segment=case.status.get("segment"),
        share=shares[-1] if shares and case.status.get("exposed") else 0.0,
        level=case.change.guard.false_alarm,
    )
    return {
        "seen": back.seen and back.seen.isoformat(),
        "decided": back.decided and back.decided.isoformat(),
        "on_old": back.on_old.isoformat(),
        "seconds": back.seconds,
        "limit": limit,
    }


def _reason(seen: _Seen, entry: Record) -> None:
    state = entry.body.get("state")
    first = state == "promoting" and not seen.proved
    if first or state in ("back", "spent") or (state == "unmeasured" and not seen.proved):
        seen.reason = _sentence(entry.body)
    seen.proved = seen.proved or first


def _decision(seen: _Seen, entry: Record) -> None:
    seen.decisions += 1
    seen.in_flight = entry.body.get("in_flight", 0)
    seen.way_back.look(entry.body["action"], at=entry.at)
    customers = sum(
        n for _, _, stratum, segment, metric, n, _ in entry.body["tallies"] if _is_total(stratum, segment, metric)
    )
    if customers:
        hour = str(entry.body["until"])[:13] + ":00Z"
        seen.hours[hour] = seen.hours.get(hour, 0) + customers
    if entry.body["trouble"]:
        trouble = str(Message.of(entry.body["trouble"]))
        seen.troubles[trouble] = seen.troubles.get(trouble, 0) + 1
    changed, seen.last = entry.body["action"] != seen.last, entry.body["action"]
    if changed and entry.body["action"] in ("unmeasured", "spent"):
        seen.log.append(_line(entry, _sentence(entry.body)))


def _is_total(stratum: str | None, segment: str | None, metric: str) -> bool:
    return stratum is None and segment is None and metric == "anything"


def _line(entry: Record, sentence: str) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "action": entry.body.get("action") or entry.body.get("state"),
        "share": entry.body.get("share"),
        "by": entry.body.get("by", "guard"),
        "because": sentence,
    }


def _sentence(body: Mapping[str, Any]) -> str:
    because = body.get("because")
    said = str(Message.of(because)) if isinstance(because, Mapping) else str(because or "")
    if body.get("unconfirmed"):
        silent = Message("The router itself did not confirm it: {problem}", problem=body["unconfirmed"])
        return f"{said} {silent}".strip()
    return said


def _not_measured(case: Case, seen: _Seen) -> list[Message]:
    lines = [
        Message(
            "harm that shows itself later than {seconds:g} s after a customer's first meeting",
            seconds=_window(case),
        ),
        Message("hours of the day other than the {n} that were seen", n=len({h[11:13] for h in seen.hours})),
    ]
    if case.unseen:
        kinds = "; ".join(str(one) for one in case.unseen)
        lines.append(Message("harm that no metric of this plan sees: {kinds}", kinds=kinds))
    excluded = case.status.get("excluded", {})
    lines += [left_out(reason, n) for reason, n in sorted(excluded.items()) if n]
    lines += [Message("{n} looks at which {why}", n=n, why=why) for why, n in sorted(seen.troubles.items())]
    return lines


def left_out(reason: str, n: int) -> Message:
    """So many were kept out of the comparison, and why."""
    return {
        "share_change": Message("{n} windows cut by a change of share", n=n),
        "lapse": Message("{n} windows cut by a lapse of the lease", n=n),
        "pinned": Message("{n} customers pinned to old or kept out", n=n),
        "misplaced": Message("{n} customers met on a version that nobody was assigned to at that time", n=n),
        "no_customer": Message("{n} rows that name no customer", n=n),
        "misdated": Message("{n} rows dated where nothing was recorded", n=n),
    }[reason]


def lapse_reason(why: str) -> str:
    """Why the lease lapsed, in the language in force."""
    known = {
        "unfelt was not running": Message("unfelt was not running"),
        "the clock jumped": Message("the clock jumped"),
        "the lease ran out": Message("the lease ran out"),
        "the router was started again": Message("the router was started again"),
        "the router was not where the records had it": Message("the router was not where the records had it"),
    }
    return str(known[why]) if why in known else why


HARMED = Message(
    "“at most” holds if within a group (everybody, or one value of a segment) no metric gets worse for some "
    "customers and better for others; “at least” and “anything bad” hold without it"
)


def _assumed(case: Case) -> Sequence[Message]:
    return (
        Message(
            "a customer is who the plan says: {customer}", customer=json.dumps(case.change.experience.customer)
        ),
        Message("customers do not change one another's experience, as long as both arms have the capacity"),
        Message("the router's log tells what customers met; what it cannot see is in the list above"),
        HARMED,
    )


def _window(case: Case) -> float:
    experience = case.change.experience
    windows = [metric.observe or experience.observe for metric in experience.metrics] + list(experience.later)
    return max(windows).total_seconds()
