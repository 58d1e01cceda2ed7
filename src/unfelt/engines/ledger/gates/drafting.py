"""A record as it would stand in the ledger: the same values are shown before, and written down after."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import rfc8785

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Origin
from unfelt.documents.programme import Programme
from unfelt.documents.revision import expanded, revise
from unfelt.engines.ledger.erasing import must_not_be_erased
from unfelt.engines.ledger.gates.facts import Evidence, GateError, Verdict, part_digests
from unfelt.engines.ledger.gates.reading import evidence_in, evidence_of, programme_name
from unfelt.engines.ledger.gates.superseding import UNWRITTEN, superseded, why_not
from unfelt.engines.ledger.kinds import Paper
from unfelt.engines.ledger.origins import candidate_of
from unfelt.engines.ledger.payload import Payload
from unfelt.engines.ledger.rules import Rules

LONGEST_BECAUSE = 2_000


@dataclass(frozen=True, slots=True)
class About:
    """What evidence is about: a change as it is planned now, or a programme, which knows no plan."""

    name: str
    revision: str
    plan: Mapping[str, Any] | None

    @classmethod
    def change(cls, change: Change) -> "About":
        """The change as it is."""
        return cls(change.change.id, revise(change).digest, expanded(change))

    @classmethod
    def programme(cls, programme: Programme) -> "About":
        """The programme."""
        return cls(programme_name(programme), revise(programme).digest, None)

    def parts(self, control: Control) -> dict[str, str]:
        """The digests of what the control's evidence relies on."""
        return {} if self.plan is None else part_digests(self.plan, control.relies_on)


@dataclass(frozen=True, slots=True)
class Correction:
    """The number of the record in whose place another one is, and why."""

    number: int
    because: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The body of an entry that is not written, what is kept beside it, and what it says."""

    control: Control
    payload: Payload
    body: Mapping[str, Any]
    artefacts: tuple[bytes, ...]
    verdict: Verdict
    why: Message
    origin: Origin

    @property
    def evidence(self) -> Evidence:
        """As a gate would read it, newer than all that is on record."""
        return evidence_in(UNWRITTEN, self.body)

    @property
    def digest(self) -> str:
        """Of what it says and under which plan and limits, but for the time: what was seen is what is written."""
        said = {name: one for name, one in self.body.items() if name != "found_at"}
        return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def must_take(control: Control, kind: str) -> None:
    """GateError where the control does not accept that kind of evidence."""
    if kind not in control.evidence:
        raise GateError(
            Message(
                "{control} does not take {kind}. It takes, strongest first: {kinds}.",
                control=control.id,
                kind=kind,
                kinds=", ".join(control.evidence),
            )
        )


def drafted(
    about: About,
    control: Control,
    payload: Payload,
    *,
    at: datetime,
    found_at: datetime | None = None,
    by: str = "",
    why: str = "",
    artefact: bytes | None = None,
    beside: tuple[bytes, ...] = (),
    corrects: Correction | None = None,
) -> Draft:
    """What would be on record; GateError where it would not be taken: see `add_evidence`."""
    must_take(control, payload.kind)
    found = found_at or at
    if found > at:
        raise GateError(
            Message("Evidence cannot be of the future: {found}. Now it is {now}.", found=found, now=at)
        )
    must_say_something(control, payload, artefact)
    digest = None if artefact is None else hashlib.sha256(artefact).hexdigest()
    others = [hashlib.sha256(one).hexdigest() for one in beside]
    must_not_be_erased([one for one in (digest, *others) if one])
    rules = Rules.of(control)
    verdict, reason = rules.judge(payload)
    until = payload.until if isinstance(payload, Paper) else None
    plain = payload.model_dump(mode="json", exclude_defaults=True)
    origin = payload.come_by(plain)
    candidate = candidate_of(about.plan) if payload.tries else ""
    body = {
        "change": about.name,
        "revision": about.revision,
        "control": control.id,
        "kind": payload.kind,
        "verdict": verdict,
        "why": why or reason.plain(),
        "by": by,
        "found_at": found.isoformat(),
        "until": datetime.combine(until + timedelta(days=1), time(), UTC).isoformat() if until else None,
        "parts": about.parts(control),
        "payload": plain,
        "limits": rules.texts(),
        "origin": origin,
        **({"candidate": candidate} if candidate else {}),
        "artefact": digest,
        **({"beside": others} if beside else {}),
        **({"supersedes": corrects.number, "because": corrects.because.strip()} if corrects else {}),
    }
    kept = (*(() if artefact is None else (artefact,)), *beside)
    draft = Draft(control, payload, body, kept, verdict, reason, origin)
    if corrects is not None:
        must_correct(about, corrects, draft)
    return draft


def must_say_something(control: Control, payload: Payload, artefact: bytes | None) -> None:
    """GateError for what somebody brings and holds nothing: no number, and no file or an empty one."""
    if not payload.is_brought or payload.numbers or (artefact and payload.kind == "document"):
        return
    asked = ", ".join(f"{name} ({limit})" for name, limit in control.limits.items())
    if payload.kind == "document":
        raise GateError(Message("It is empty, and nothing was put on record: a file with something in it is due."))
    raise GateError(
        Message(
            "It holds no number, and nothing was put on record. Due are a file that says them, or typed numbers: "
            "{asked}",
            asked=asked or "–",
        )
    )


def must_correct(about: About, corrects: Correction, draft: Draft) -> None:
    """GateError where the draft may not take the place of that record, or says no reason."""
    if not corrects.because.strip():
        raise GateError(Message("Say why it is corrected: both records and the reason stay."))
    if len(corrects.because) > LONGEST_BECAUSE:
        raise GateError(Message("The reason is too long: {n} signs at most.", n=LONGEST_BECAUSE))
    known = list(evidence_of(about.name))
    old = next((one for one in known if one.number == corrects.number), None)
    gone = superseded(known).get(corrects.number)
    if old is None:
        raise GateError(Message("#{n} is no evidence about {change}.", n=corrects.number, change=about.name))
    if gone is not None:
        raise GateError(
            Message("#{n} was corrected already, by #{by}: correct that one.", n=corrects.number, by=gone.number)
        )
    problem = why_not(old, draft.evidence)
    if problem is not None:
        raise GateError(Message("Nothing was put on record: {why}.", why=problem))
