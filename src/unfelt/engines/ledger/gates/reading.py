"""Evidence and waivers as they stand in the ledger, and every gate by them: the only place that reads them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.revision import expanded
from unfelt.engines.ledger import entries
from unfelt.engines.ledger.gates.care import AGREED, LOWERED, Lowering, still_open
from unfelt.engines.ledger.gates.decide import Case, Evaluation, evaluate
from unfelt.engines.ledger.gates.facts import Evidence, Waiver
from unfelt.engines.ledger.gates.models import as_before, taken_as
from unfelt.engines.ledger.people import names, revealed
from unfelt.records.append_only import said
from unfelt.records.models import Entry, Rollout
from unfelt.worktime.calendar import WEEKDAYS_UTC
from unfelt.worktime.days import working_days_after

EVIDENCE, WAIVER = entries.EVIDENCE.name, entries.WAIVER.name


def programme_name(programme: Programme) -> str:
    """What the ledger calls the programme: no change can be called so."""
    return f"programme/{programme.programme.id}"


def case_of(
    change: Change, playbook: Playbook, *, now: datetime, lowered: Sequence[Lowering] | None = None
) -> Case:
    """The change as it is decided on: how carefully it is taken, and why.

    lowered: what nobody has agreed to; read here where it is not given.
    """
    name = change.change.id
    tier, why = as_before(
        *taken_as(change, playbook), open_lowerings([name])[name] if lowered is None else lowered
    )
    owed = None
    if tier == "emergency":
        first = Rollout.objects.filter(change=change.change.id).order_by("began").first()
        owed = first and working_days_after(WEEKDAYS_UTC, first.began, playbook.playbook.emergency_owes)
    return Case(expanded(change), tier, dict(change.change.facts), now, why, owed)


def evaluated(
    change: Change,
    playbook: Playbook,
    *,
    now: datetime,
    programme: Programme | None = None,
    lowered: Sequence[Lowering] = (),
) -> Evaluation:
    """Every gate of the change by what is on record for it and for the programme that it inherits from.

    lowered: what nobody has agreed to beside what is on record.
    """
    evidence, waivers, kept = _facts([change.change.id], programme)
    name = change.change.id
    case = case_of(change, playbook, now=now, lowered=[*kept[name], *lowered])
    return evaluate(playbook, case, [*evidence[name], *evidence[INHERITED]], waivers[name])


def evaluated_all(
    changes: Sequence[Change], playbook: Playbook, *, now: datetime, programme: Programme | None = None
) -> dict[str, Evaluation]:
    """The same of several changes, by their ids; what is on record is read once for all of them."""
    evidence, waivers, lowered = _facts([change.change.id for change in changes], programme)
    return {
        one.change.id: evaluate(
            playbook,
            case_of(one, playbook, now=now, lowered=lowered[one.change.id]),
            [*evidence[one.change.id], *evidence[INHERITED]],
            waivers[one.change.id],
        )
        for one in changes
    }


INHERITED = ""
"""Under this name the facts of the programme are given: no change is called so."""


def facts_of(change: str, programme: Programme | None) -> tuple[list[Evidence], list[Waiver]]:
    """The evidence and the waivers that a change is decided on, those of its programme among them."""
    evidence, waivers, _lowered = _facts([change], programme)
    return [*evidence[change], *evidence[INHERITED]], waivers[change]


def open_lowerings(ids: Sequence[str]) -> dict[str, tuple[Lowering, ...]]:
    """What nobody has agreed to, by change."""
    people, found = names(), _Lowered()
    for number, kind, text in _entries((LOWERED, AGREED), ids):
        found.take(number, kind, revealed(json.loads(text), people))
    return found.still_open()


class _Lowered:
    """Lowerings and agreements, as entries come."""

    def __init__(self) -> None:
        self._lowerings: dict[str, list[Lowering]] = defaultdict(list)
        self._up_to: dict[str, int] = defaultdict(int)

    def take(self, number: int, kind: str, body: Mapping[str, Any]) -> None:
        if kind == AGREED:
            self._up_to[body["change"]] = max(self._up_to[body["change"]], body["up_to"])
        else:
            found = Lowering(number, body["was"], body["now"], body.get("by", ""))
            self._lowerings[body["change"]].append(found)

    def still_open(self) -> dict[str, tuple[Lowering, ...]]:
        found: dict[str, tuple[Lowering, ...]] = defaultdict(tuple)
        for name, lowerings in self._lowerings.items():
            found[name] = still_open(lowerings, agreed_up_to=self._up_to[name])
        return found


def _facts(
    ids: list[str], programme: Programme | None
) -> tuple[dict[str, list[Evidence]], dict[str, list[Waiver]], dict[str, tuple[Lowering, ...]]]:
    inherited = programme_name(programme) if programme is not None else ""
    answers = {work.control for work in programme.work} if programme is not None else set()
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    waivers: dict[str, list[Waiver]] = defaultdict(list)
    people, lowered = names(), _Lowered()
    kinds = (EVIDENCE, WAIVER, LOWERED, AGREED)
    for number, kind, text in _entries(kinds, [*ids, inherited] if inherited else ids):
        body = revealed(json.loads(text), people)
        if kind in (LOWERED, AGREED):
            lowered.take(number, kind, body)
        elif kind == WAIVER:
            waivers[body["change"]].append(_waiver(body))
        elif body["change"] != inherited:
            evidence[body["change"]].append(_evidence(number, body))
        elif body["control"] in answers:
            evidence[INHERITED].append(_evidence(number, body))
    return evidence, waivers, lowered.still_open()


def evidence_of(name: str) -> Iterator[Evidence]:
    """Everything on record for the change or programme, oldest first."""
    people = names()
    for number, body in bodies_of(EVIDENCE, name):
        yield _evidence(number, revealed(body, people))


def waivers_of(change: str) -> Iterator[Waiver]:
    """Every waiver on record for the change."""
    people = names()
    return (_waiver(revealed(body, people)) for _number, body in bodies_of(WAIVER, change))


def bodies_of(kind: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of that kind about the change or programme, oldest first."""
    return ((number, json.loads(text)) for number, _kind, text in _entries((kind,), [name]))


def _entries(kinds: Sequence[str], names: Sequence[str]) -> list[tuple[int, str, str]]:
    """Number, kind and body of each, oldest first, by an index over what the entries themselves say.

    They are chosen by kind and put in order here: asked to, a database takes another index, and reads all of it.
    """
    if not names:
        return []  # PostgreSQL has no `IN ()`.
    places = ", ".join(["%s"] * len(names))
    about = f"{said('change', connection.vendor)} IN ({places})"
    entries = Entry.objects.extra(where=[about], params=list(names))  # noqa: S610  (names are parameters)
    rows = entries.order_by().values_list("sequence", "kind", "body")
    return sorted(row for row in rows if row[1] in kinds)


def _evidence(number: int, body: Mapping[str, Any]) -> Evidence:
    return Evidence(
        control=body["control"],
        kind=body["kind"],
        verdict=body["verdict"],
        found_at=datetime.fromisoformat(body["found_at"]),
        parts=body["parts"],
        why=Message.of(body["why"]) if isinstance(body["why"], dict) else body["why"],
        by=body["by"],
        until=datetime.fromisoformat(body["until"]) if body["until"] else None,
        number=number,
        payload=body.get("payload", {}),
        limits=body.get("limits"),
        programme=body["change"] if "/" in body["change"] else "",
    )


def _waiver(body: Mapping[str, Any]) -> Waiver:
    times = {name: datetime.fromisoformat(body[name]) for name in ("given_at", "until")}
    return Waiver(body["control"], body["reason"], body["by"], body["agreed_by"], **times)
