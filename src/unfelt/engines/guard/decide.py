"""From evidence to one answer: pure, no clock, nothing written."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import log, sqrt

import numpy as np

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import sentences
from unfelt.engines.guard.cells import Cell, Layout
from unfelt.engines.guard.decision import Action, Affected
from unfelt.engines.guard.evidence import Bets, Evidence
from unfelt.engines.guard.impact import Impact
from unfelt.engines.guard.interference import Neighbour
from unfelt.engines.guard.pace import Pace
from unfelt.engines.guard.ramp import CAUTION, FRUGAL, SHORT, SLOWER, STEP, Room, narrowing, waiting, widening
from unfelt.engines.guard.standing import Standing, culprit, still_needed
from unfelt.engines.guard.waiting import Prospect, Worth

LOOKS_WORSE = 1.5
"""So many standard errors of a difference are told beside a budget that is spent without proof; of the largest of
many more."""


@dataclass(frozen=True)
class Facts:
    """Everything that a decision rests on, at one moment. share is None in judging: nobody can move it."""

    plan: Change
    layout: Layout
    evidence: Evidence
    bets: Bets
    standing: Standing
    impact: Impact
    affected: Affected
    pace: Pace
    neighbour: Neighbour
    worth: Worth
    budget: int
    share: float | None
    at: datetime
    reason: Message | None
    """Why it is unmeasured, or None."""

    @property
    def is_promoted(self) -> bool:
        """Promotion has begun: going back is judged against the margins."""
        return self.evidence.after is not None

    @property
    def unmeasured_for(self) -> float:
        """Seconds since it became unmeasured."""
        since = self.pace.unmeasured
        return (self.at - since).total_seconds() if since is not None else 0.0

    @cached_property
    def more(self) -> tuple[float, int] | None:
        """Customers on new that are still needed for the proof, and for which cell; None if that is not known."""
        counts = self.evidence.counts[0]
        seen = float(counts[0] / max(counts[0] + counts[2], 1.0))
        share = self.share or seen or 0.5
        return still_needed(self.standing, self.evidence, self.layout, self.bets, share=min(share, 0.99))

    @cached_property
    def room(self) -> Room:
        """What a change of share may use."""
        n1, x1, _n0, _x0 = self.evidence.counts[self.layout.anything]
        return Room(
            impact=self.impact,
            good=float(n1 - x1),
            suspicion=float(self.standing.suspicion.max(initial=0.0)),
            more=None if self.more is None else self.more[0],
            before=self.neighbour.wide,
            limit=self._limit(),
        )

    @property
    def prospect(self) -> Prospect:
        """The way to the proof."""
        return Prospect(self.standing, self.evidence, self.layout, self.impact, self.neighbour, self.worth)

    def _limit(self) -> float:
        """The largest share at which the budget is enough; any, before a part of it is used that tells."""
        largest = self.plan.rollout.largest_share if self.plan.rollout else 1.0
        if self.impact.used < SHORT / 2:
            return largest
        return self.prospect.enough((largest, *SLOWER), share=self.share or 0.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, where the share should be, why, and the cell that decided, if one did."""

    action: Action
    share: float | None
    because: Message
    cell: Cell | None = None
    more: int | None = None


def decide(facts: Facts) -> Verdict:
    """Back beats promote beats spent beats unmeasured beats interference beats waiting beats a change of share."""
    steps = (_back, _promote, _spent, _unmeasured, _interference, _wait, _move)
    for step in steps:
        verdict = step(facts)
        if verdict is not None:
            return verdict
    return _hold(facts)


def _back(facts: Facts) -> Verdict | None:
    share = None if facts.share is None else 0.0
    if facts.standing.is_harmful:
        cell = culprit(facts.standing, facts.evidence, facts.layout)
        because = sentences.back(cell, facts.evidence, facts.layout, proved=facts.is_promoted)
        return Verdict("back", share, because, cell)
    limit = facts.plan.guard.unmeasured.total_seconds()
    if facts.reason is not None and facts.share is not None and facts.unmeasured_for >= limit:
        return Verdict("back", share, sentences.given_up(facts.reason, seconds=facts.unmeasured_for))
    return None


def _promote(facts: Facts) -> Verdict | None:
    if facts.is_promoted or facts.reason is not None or not facts.standing.is_proved:
        return None
    because = sentences.promote(facts.affected, cells=len(facts.layout.required))
    return Verdict("promote", facts.share, because)


def _spent(facts: Facts) -> Verdict | None:
    if facts.is_promoted:
        return None
    is_spent = facts.impact.closed > facts.budget if facts.share is None else _narrowed(facts) == 0.0
    if not is_spent:
        return None
    cell, known = _known(facts)
    because = sentences.spent(facts.affected, known, budget=facts.budget)
    return Verdict("spent", None if facts.share is None else 0.0, because, cell)


def _known(facts: Facts) -> tuple[Cell | None, Message]:
    """What is known without proof, and of which cell that is: of the one that looks worst, if one looks worse."""
    score, places = facts.evidence.score, facts.layout.watched
    estimate = score.s[places] / np.maximum(score.w[places], 1e-9)
    strength = score.s[places] / np.sqrt(np.maximum(score.v[places], 1e-9))
    worst = int(np.argmax(strength))
    if strength[worst] < max(LOOKS_WORSE, sqrt(2 * log(len(places)))):
        return None, sentences.looks_alike(_whole(facts.more))
    cell = _watched(facts, worst)
    return cell, sentences.looks_worse(cell, excess=float(estimate[worst]))


def _unmeasured(facts: Facts) -> Verdict | None:
    return Verdict("unmeasured", facts.share, facts.reason) if facts.reason is not None else None


def _interference(facts: Facts) -> Verdict | None:
    if facts.is_promoted or facts.neighbour.phase != "back":
        return None
    return Verdict("back", 0.0, sentences.interference())


def _wait(facts: Facts) -> Verdict | None:
    """While something hits old and new alike, few are on new: it tells little of new and uses up the budget."""
    old = facts.neighbour
    is_worse = old.phase == "worse" or old.drifted
    if facts.share is None or facts.is_promoted or not is_worse or not (old.soon or _is_too_dear(facts)):
        return None
    share = waiting(facts.plan, facts.pace, share=facts.share, rate=old.by_now)
    share = min(share, _narrowed(facts) or share)
    if old.soon:
        return Verdict("hold", share, sentences.disturbed(share))
    say = sentences.sudden if old.phase == "worse" else sentences.drifted
    return Verdict("hold", share, say(now=old.by_now, before=old.before, share=share))


def _is_too_dear(facts: Facts) -> bool:
    waits = (facts.share or 0.0) * STEP < facts.neighbour.wide
    return facts.prospect.is_too_dear(share=FRUGAL, waits=waits)


def _move(facts: Facts) -> Verdict | None:
    if facts.share is None or facts.is_promoted:
        return None
    narrow = _narrowed(facts)
    if narrow is not None:
        return Verdict("hold", narrow, sentences.narrow(narrow))
    wider = widening(facts.plan, facts.pace, facts.room, share=facts.share, at=facts.at)
    if wider is None:
        return None
    because = sentences.widen(wider, start=facts.share == 0, exposed=facts.impact.exposed)
    return Verdict("widen", wider, because, more=_whole(facts.more))


def _hold(facts: Facts) -> Verdict:
    if facts.is_promoted:
        return Verdict("hold", facts.share, sentences.watching_after())
    if not facts.evidence.counts.any():
        return Verdict("hold", facts.share, sentences.waiting_for_windows())
    suspect = int(np.argmax(facts.standing.suspicion))
    if facts.standing.suspicion[suspect] > CAUTION:
        return Verdict("hold", facts.share, sentences.suspicious(_watched(facts, suspect)))
    return _waiting(facts)


def _waiting(facts: Facts) -> Verdict:
    needed = facts.more
    if needed is None:
        missing = next(cell for cell in _required(facts) if not _customers(facts, cell))
        name = missing.segment or missing.stratum or missing.metric
        return Verdict("hold", facts.share, sentences.waiting_for_cell(name), missing)
    cell = facts.layout.cells[needed[1]]
    more = max(1, round(needed[0]))
    return Verdict("hold", facts.share, sentences.waiting_for_proof(cell, more=more), cell, more)


def _required(facts: Facts) -> list[Cell]:
    return [facts.layout.cells[i] for i in facts.layout.required]


def _watched(facts: Facts, place: int) -> Cell:
    return facts.layout.cells[int(facts.layout.watched[place])]


def _customers(facts: Facts, cell: Cell) -> float:
    counts = facts.evidence.counts[facts.layout.index[cell.metric, cell.segment, cell.stratum]]
    return float(counts[0] + counts[2])


def _narrowed(facts: Facts) -> float | None:
    if facts.share is None:
        return None
    return narrowing(facts.plan, facts.pace, facts.room, share=facts.share, at=facts.at)


def _whole(needed: tuple[float, int] | None) -> int | None:
    return None if needed is None else round(needed[0])
