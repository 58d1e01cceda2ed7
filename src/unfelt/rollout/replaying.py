"""Deciding again: from the inputs on record to the same decisions, orders and moves, row by row. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from unfelt.adapters.sources import Batch, Split
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.differences.standing import Differences
from unfelt.engines.guard import VERSION, Decision, Guard
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.kernel.tally import Tally
from unfelt.rollout.bodies import order_body, standing_row
from unfelt.rollout.decide import Order, Standing, State, next_order, rollout_of
from unfelt.rollout.judging import baseline_guard, judged, watching_guard

KINDS = (
    *("decision", "order", "moved", "segments", "lapse", "proposal", "confirmed", "seal"),
    *("upgraded", "difference", "difference accepted"),
)
"""The entries of a rollout that others follow from."""
BY_HAND = frozenset(
    {
        "taken back by hand",
        "reopened by hand after it was done: everybody was put back on old",
        "the plan was edited before anybody was assigned: begun anew under the new one",
    }
)
"""Why a rollout goes back without a decision of the guard."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a rollout."""

    sequence: int
    kind: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(slots=True)
class Replay:
    """One rollout, decided again from its beginning or from a seal."""

    change: Change
    standing: Standing
    guard: Guard
    is_whole: bool = True
    """It goes on from the beginning or from a decision; not so directly after a seal, where orders may follow."""
    takes_in: bool = False
    """The rows are those of another version of the guard: up to where it was upgraded their inputs are taken in,
    and what was made of them is not compared."""
    decisions: int = 0
    told: str = ""
    """The digest of the guard after the newest decision, as on record, or of the one that watches from here on."""
    faults: list[Fault] = field(default_factory=list)
    differences: Differences = field(default_factory=Differences)
    _due: Order | None = None
    _pending: Mapping[str, Any] | None = None
    _last: Mapping[str, Any] | None = None
    _offered: float | None = None
    _agreed: float | None = None

    @classmethod
    def from_beginning(cls, change: Change, *, at: datetime) -> "Replay":
        """Before anything happened."""
        return cls(change, Standing(State.PREPARED, at, 0.0), baseline_guard(change))

    @classmethod
    def from_seal(
        cls, change: Change, stands: Mapping[str, Any], guard: Guard, *, agreed: Iterable[Row] = ()
    ) -> "Replay":
        """Where a seal left it; agreed: the rows before it since the newest proposal, which may still stand."""
        replay = cls(change, standing_of(stands), guard, is_whole=False)
        replay.told = replay.guard_digest()
        for row in agreed:
            replay._note_agreement(row)
        return replay

    def feed(self, row: Row, *, is_exact: bool) -> None:
        """The row is as it must be after those before, or a fault; exact: to the last bit of the guard."""
        handle = {
            "decision": self._decision,
            "order": self._order,
            "moved": self._moved,
            "segments": self._segments,
            "lapse": self._lapse,
            "proposal": self._proposal,
            "confirmed": self._confirmed,
            "seal": self._seal,
            "upgraded": self._upgraded,
        }.get(row.kind)
        try:
            if handle is not None:
                handle(row)
            self.differences.feed(row.kind, row.body)
            if is_exact and row.kind == "decision" and not self.faults:
                self.check_guard(row.sequence)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            self._fault(
                row, Message("it cannot be replayed: {problem}", problem=f"{type(error).__name__}: {error}")
            )
        if self.takes_in:
            self.faults.clear()

    def check_guard(self, sequence: int) -> None:
        """The guard after the newest decision is, to the last bit, the one on record."""
        if self.guard_digest() != self.told:
            said = Message("from its inputs the guard would have come to remember something else")
            self.faults.append(entry_fault(sequence, said))

    def guard_digest(self) -> str:
        """SHA-256 of all that the guard remembers."""
        return hashlib.sha256(self.guard.state()).hexdigest()

    # Row by row

    def _decision(self, row: Row) -> None:
        body = row.body
        if standing_row(self.standing) != body["stood"]:
            self._fault(
                row, Message("the rollout did not stand where this says, after what is on record before it")
            )
        if self.standing.promoted:
            self.guard.begin_promotion()  # Only now: what is kept and sealed is the guard as it last decided.
        trouble = Message.of(body["trouble"]) if body["trouble"] else None
        decision = judged(self.guard, batch_of(body), self.standing, at=row.at, trouble=trouble, is_shown=False)
        wrong = [name for name, value in _said(decision).items() if body[name] != value]
        if wrong:
            said = Message(
                "decided again from its inputs, {names} would be {values}",
                names=", ".join(wrong),
                values=json.dumps([_said(decision)[name] for name in wrong], ensure_ascii=False)[:200],
            )
            self._fault(row, said)
        differing = self.differences.because()
        self._due = next_order(self.standing, decision, self.change, now=row.at, differing=differing)
        self.is_whole, self.told = True, body["guard"]
        self.decisions += not self.takes_in

    def _order(self, row: Row) -> None:
        body = {key: value for key, value in row.body.items() if key not in ("epoch", "unconfirmed")}
        if self.is_whole and not self._may(body):
            self._fault(row, Message("nothing that was decided leads to this order"))
        self._last = body
        if "epoch" in row.body:
            self._pending = row.body
        else:
            self._enter(body, at=row.at, is_moved=False)
        self._note_agreement(row)

    def _may(self, body: Mapping[str, Any]) -> bool:
        if body == self._last or (body["state"] == State.BACK and body["because"]["text"] in BY_HAND):
            return bool(body["share"] == 0 or body == self._last)
        if self.standing.state is State.PREPARED and self.decisions == 0:
            wanted = (State.BASELINE, rollout_of(self.change).largest_share)
            return bool((body["state"], body["share"]) == wanted)
        due = self._due
        if due is None:
            return False
        if due.asks:
            if self._agreed is None:
                return False
            due = replace(due, share=self._agreed)
        return _as_json(order_body(due)) == body

    def _moved(self, row: Row) -> None:
        order = self._pending
        if order is None:
            self._fault(row, Message("no order to move is on record before it"))
            return
        if (row.body["epoch"], row.body["share"]) != (order["epoch"], order["share"]):
            self._fault(row, Message("it is not where the order before it wanted to be"))
        self.standing = replace(self.standing, share=float(row.body["share"]))
        self._enter(order, at=row.at, is_moved=True)
        self._note_agreement(row)
        self._pending = None

    def _enter(self, order: Mapping[str, Any], *, at: datetime, is_moved: bool) -> None:
        state, step = State(order["state"]), order["step"]
        before = self.standing
        is_new = is_moved or (state, step) != (before.state, before.step)
        self.standing = replace(
            before,
            state=state,
            step=step,
            since=at if is_new else before.since,
            promoted=before.promoted or state is State.PROMOTING,
        )

    def _segments(self, row: Row) -> None:
        self.guard = watching_guard(self.change, row.body, after=self.guard)
        self.told = self.guard_digest()

    def _lapse(self, row: Row) -> None:
        if self.standing.state is State.BASELINE:
            self.standing = replace(self.standing, since=row.at)
        if "epoch" in row.body:
            self.standing = replace(self.standing, share=float(row.body["share"]))
            self._pending = None

    def _note_agreement(self, row: Row) -> None:
        if row.kind == "proposal":
            self._offered, self._agreed = row.body["share"], None
        elif row.kind == "confirmed":
            self._agreed = row.body["share"]
        elif row.kind == "moved" or (row.kind == "order" and "epoch" not in row.body):
            self._agreed = None  # What was agreed to is done, or something else is.

    def _proposal(self, row: Row) -> None:
        self._note_agreement(row)
        if self.is_whole and (self._due is None or _as_json(order_body(self._due)) != _plain_order(row.body)):
            self._fault(row, Message("nothing that was decided leads to this proposal"))

    def _confirmed(self, row: Row) -> None:
        if self.is_whole and row.body["share"] != self._offered:
            self._fault(row, Message("nobody proposed what was agreed to"))
        self._note_agreement(row)

    def _seal(self, row: Row) -> None:
        if row.body["stands"] != standing_row(self.standing):
            self._fault(
                row, Message("the rollout did not stand where this says, after what is on record before it")
            )
        if not self.guard_digest() == self.told == row.body["guard"]:
            said = Message("the guard that was sealed is not the one that the decisions before it lead to")
            self._fault(row, said)

    def _upgraded(self, row: Row) -> None:
        self.told = row.body["guard"]
        if row.body["to"] == VERSION:
            self.takes_in, self.faults = False, []
            if self.standing.promoted:
                self.guard.begin_promotion()
            self.check_guard(row.sequence)

    def _fault(self, row: Row, why: Message) -> None:
        self.faults.append(entry_fault(row.sequence, why))


def replayed(replay: Replay, rows: Iterable[Row], *, is_exact: bool) -> Replay:
    """All rows in order, up to the first decision that cannot be trusted: all later ones follow from it."""
    for row in rows:
        replay.feed(row, is_exact=is_exact)
        if replay.faults and row.kind == "decision":
            break
    return replay


def batch_of(body: Mapping[str, Any]) -> Batch:
    """What the source gave, as far as the guard sees it."""
    return Batch(
        number=body["batch"],
        until=None,
        tallies=tuple(Tally(*row) for row in body["tallies"]),
        failures=tuple(Tally(*row) for row in body["failures"]),
        splits=tuple(Split(*row) for row in body["splits"]),
        exposed=body["exposed"],
        in_flight=body["in_flight"],
        felt=body["felt"],
    )


def standing_of(plain: Mapping[str, Any]) -> Standing:
    """The standing that `standing_row` wrote."""
    return Standing(
        State(plain["state"]),
        datetime.fromisoformat(plain["since"]),
        float(plain["share"]),  # JSON spells 0.0 as 0.
        step=plain["step"],
        promoted=plain["promoted"],
    )


def _said(decision: Decision) -> dict[str, Any]:
    """What of a decision is on record, as the record has it."""
    return {
        "action": decision.action,
        "share": decision.share,
        "because": _as_json(decision.because.plain()),
        "metric": decision.metric,
        "segment": decision.segment,
        "at_most": decision.affected.at_most,
    }


def _as_json(plain: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plain))
    return found


def _plain_order(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in ("state", "share", "step", "because")}
