"""Evidence and waivers as they stand in the ledger, and every gate by them: the only place that reads them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db import connection

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Origin, Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.revision import expanded
from unfelt.engines.ledger import entries
from unfelt.engines.ledger.derived import Derived
from unfelt.engines.ledger.gates.care import AGREED, LOWERED, Lowering, still_open
from unfelt.engines.ledger.gates.decide import evaluate, evaluate_again, parts_of
from unfelt.engines.ledger.gates.deriving import Ground, Records, Row, Told, derived_for, gathered, kinds_read
from unfelt.engines.ledger.gates.deriving import facts_of as known_facts
from unfelt.engines.ledger.gates.facts import Evidence, Waiver
from unfelt.engines.ledger.gates.models import as_before, taken_as
from unfelt.engines.ledger.gates.standing import Asked, Case, Evaluation
from unfelt.engines.ledger.gates.superseding import current
from unfelt.engines.ledger.payload import come_by
from unfelt.engines.ledger.people import names, revealed
from unfelt.engines.ledger.standards import Standards
from unfelt.records.append_only import said
from unfelt.records.business_time import in_business
from unfelt.records.models import Entry, Rollout
from unfelt.worktime.calendar import WEEKDAYS_UTC
from unfelt.worktime.days import working_days_after

EVIDENCE, WAIVER = entries.EVIDENCE.name, entries.WAIVER.name


def programme_name(programme: Programme) -> str:
    """What the ledger calls the programme: no change can be called so."""
    return f"programme/{programme.programme.id}"


def case_of(
    change: Change,
    playbook: Playbook,
    *,
    now: datetime,
    lowered: Sequence[Lowering] | None = None,
    facts: Mapping[str, str] | None = None,
) -> Case:
    """The change as it is decided on: how carefully it is taken, and why.

    lowered: what nobody has agreed to; read here where it is not given. facts: what is true of it, where the
    records were asked; as its plan says otherwise.
    """
    name = change.change.id
    tier, why = as_before(
        *taken_as(change, playbook), open_lowerings([name])[name] if lowered is None else lowered
    )
    owed = None
    if tier == "emergency":
        first = Rollout.objects.filter(change=change.change.id).order_by("began").first()
        owed = first and working_days_after(
            WEEKDAYS_UTC, in_business(first.began), playbook.playbook.emergency_owes
        )
    known = change.change.facts if facts is None else facts
    return Case(expanded(change), tier, dict(known), now, why, owed)


def evaluated(
    change: Change,
    place: Standards,
    *,
    now: datetime,
    lowered: Sequence[Lowering] = (),
    more: Sequence[Evidence] = (),
) -> Evaluation:
    """Every gate of the change by what is on record for it and for the programme that it inherits from.

    lowered: what nobody has agreed to beside what is on record. more: evidence that is not on record.
    """
    return next(_looked_at([change], place, now=now, lowered=lowered, more=more))[1]


def evaluated_all(changes: Sequence[Change], place: Standards, *, now: datetime) -> dict[str, Evaluation]:
    """The same of several changes, by their ids; what is on record is read once for all of them."""
    return {change.change.id: one for change, one in _looked_at(changes, place, now=now, lowered=())}


def derived_then(change: Change, place: Standards, *, now: datetime, upto: int, tier: Asked) -> dict[str, Derived]:
    """What was derived for the change's controls at that time, from the entries up to that one.

    tier: how carefully the change was taken then.
    """
    on_record = _facts([change.change.id], place.programme, upto=upto)
    beside = gathered(Records([change], place.catalog, now, on_record.rows, upto + 1))
    ground = _ground(change, place, on_record, now)
    case = Case(ground.plan, tier, known_facts(ground, beside), now)
    waivers = on_record.waivers[change.change.id]
    derived = derived_for(ground, beside, by_standings=False)
    found = evaluate(place.playbook, case, [*ground.evidence, *derived], waivers, parts=ground.parts)
    derived += derived_for(ground, beside, by_standings=True, found=found)
    return {one.control: Derived.model_validate(one.payload) for one in derived}


def _looked_at(
    changes: Sequence[Change],
    place: Standards,
    *,
    now: datetime,
    lowered: Sequence[Lowering],
    more: Sequence[Evidence] = (),
) -> Iterator[tuple[Change, Evaluation]]:
    on_record = _facts([change.change.id for change in changes], place.programme)
    beside = gathered(Records(changes, place.catalog, now, on_record.rows))
    for change in changes:
        ground = _ground(change, place, on_record, now, more)
        facts = known_facts(ground, beside)
        tiers = [*on_record.lowered[change.change.id], *lowered]
        case = case_of(change, place.playbook, now=now, lowered=tiers, facts=facts)
        yield change, _evaluated(case, ground, beside, on_record.waivers[change.change.id])


def _ground(
    change: Change, place: Standards, on_record: "_OnRecord", now: datetime, more: Sequence[Evidence] = ()
) -> Ground:
    name, plan = change.change.id, expanded(change)
    evidence = on_record.counted(name, more)
    parts = parts_of(place.playbook, plan)
    return Ground(change, plan, on_record.told[name], evidence, now, place.playbook, place.catalog, parts)


def _evaluated(case: Case, ground: Ground, beside: Mapping[str, Any], waivers: Sequence[Waiver]) -> Evaluation:
    """With what follows from the records, and then with what follows from where controls stand."""
    evidence = [*ground.evidence, *derived_for(ground, beside, by_standings=False)]
    found = evaluate(ground.playbook, case, evidence, waivers, parts=ground.parts)
    more = derived_for(ground, beside, by_standings=True, found=found)
    if not more:
        return found
    answered = {one.control for one in more}
    return evaluate_again(found, case, [*evidence, *more], waivers, parts=ground.parts, controls=answered)


INHERITED = ""
"""Under this name the facts of the programme are given: no change is called so."""


def facts_of(change: str, programme: Programme | None) -> tuple[list[Evidence], list[Waiver]]:
    """The evidence and the waivers that a change is decided on, those of its programme among them."""
    found = _facts([change], programme)
    return found.counted(change), found.waivers[change]


def open_lowerings(ids: Sequence[str]) -> dict[str, tuple[Lowering, ...]]:
    """What nobody has agreed to, by change."""
    people, found = names(), _Lowered()
    for row in _entries((LOWERED, AGREED), ids):
        found.take(row.number, row.kind, revealed(json.loads(row.text), people))
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


@dataclass(slots=True)
class _OnRecord:
    """What is on record, by change."""

    evidence: dict[str, list[Evidence]] = field(default_factory=lambda: defaultdict(list))
    waivers: dict[str, list[Waiver]] = field(default_factory=lambda: defaultdict(list))
    lowered: dict[str, tuple[Lowering, ...]] = field(default_factory=lambda: defaultdict(tuple))
    told: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    rows: list[Row] = field(default_factory=list)
    """The entries that derivers read, as they stand in the chain."""

    def counted(self, change: str, more: Sequence[Evidence] = ()) -> list[Evidence]:
        """What counts of the change's evidence, of more, and of what it inherits."""
        return list(current([*self.evidence[change], *more, *self.evidence[INHERITED]]))


def _facts(ids: list[str], programme: Programme | None, *, upto: int | None = None) -> _OnRecord:
    """What counts, up to that entry; what was derived once is derived anew and does not count itself."""
    inherited = programme_name(programme) if programme is not None else ""
    answers = {work.control for work in programme.work} if programme is not None else set()
    found, people, lowered, wanted = _OnRecord(), names(), _Lowered(), kinds_read()
    kinds = {EVIDENCE, WAIVER, LOWERED, AGREED, *wanted}
    for row in _entries(kinds, [*ids, inherited] if inherited else ids):
        if upto is not None and row.number > upto:
            break
        body = revealed(json.loads(row.text), people)
        name = body["change"]
        if row.kind in (LOWERED, AGREED):
            lowered.take(row.number, row.kind, body)
        elif row.kind == WAIVER:
            found.waivers[name].append(_waiver(body))
        elif row.kind == EVIDENCE and body["kind"] == "derived":
            pass
        elif row.kind == EVIDENCE and name != inherited:
            found.evidence[name].append(evidence_in(row.number, body))
        elif row.kind == EVIDENCE and body["control"] in answers:
            found.evidence[INHERITED].append(evidence_in(row.number, body))
        if row.kind in wanted:
            found.rows.append(row)
            found.told[name].append(Told(row.number, row.kind, row.at, body, row.revision))
    found.lowered = lowered.still_open()
    return found


def evidence_of(name: str) -> Iterator[Evidence]:
    """Everything on record for the change or programme, oldest first, what was corrected since too."""
    people = names()
    for number, body in bodies_of(EVIDENCE, name):
        yield evidence_in(number, revealed(body, people))


def counted_of(name: str) -> Sequence[Evidence]:
    """The same without what was corrected since."""
    return current(evidence_of(name))


def waivers_of(change: str) -> Iterator[Waiver]:
    """Every waiver on record for the change."""
    people = names()
    return (_waiver(revealed(body, people)) for _number, body in bodies_of(WAIVER, change))


def bodies_of(kind: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of that kind about the change or programme, oldest first."""
    return ((row.number, json.loads(row.text)) for row in _entries((kind,), [name]))


def _entries(kinds: Collection[str], names: Sequence[str]) -> list[Row]:
    """Those about these changes, oldest first, by an index over what the entries themselves say.

    They are chosen by kind and put in order here: asked to, a database takes another index, and reads all of it.
    """
    if not names:
        return []  # PostgreSQL has no `IN ()`.
    places = ", ".join(["%s"] * len(names))
    about = f"{said('change', connection.vendor)} IN ({places})"
    entries = Entry.objects.extra(where=[about], params=list(names))  # noqa: S610  (names are parameters)
    rows = entries.order_by().values_list("sequence", "kind", "body", "recorded_at", "revision_id")
    return sorted(Row(*row) for row in rows if row[1] in kinds)


def evidence_in(number: int, body: Mapping[str, Any]) -> Evidence:
    """The record that an entry's body holds."""
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
        origin=_origin(body),
        candidate=body.get("candidate", ""),
        artefacts=tuple(one for one in (body.get("artefact"), *body.get("beside", ())) if one),
        supersedes=body.get("supersedes", 0),
        because=body.get("because", ""),
    )


def _origin(body: Mapping[str, Any]) -> Origin:
    """As it is on record; of a former version's, what its payload shows; what anybody could bring is stated."""
    if "origin" in body:
        return cast(Origin, body["origin"])
    kind = body["kind"]
    if kind == "judgement" or (kind == "rollout" and body["by"] != "guard"):
        return "stated"
    return come_by(kind, body.get("payload", {}))


def _waiver(body: Mapping[str, Any]) -> Waiver:
    times = {name: datetime.fromisoformat(body[name]) for name in ("given_at", "until")}
    return Waiver(body["control"], body["reason"], body["by"], body["agreed_by"], **times)
