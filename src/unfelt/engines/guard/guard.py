"""The guard: tallies in, one decision a tick out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import evidence as ev
from unfelt.engines.guard import sentences
from unfelt.engines.guard.cells import lay_out
from unfelt.engines.guard.decide import Facts, Verdict, decide
from unfelt.engines.guard.decision import Decision
from unfelt.engines.guard.evidence import Evidence
from unfelt.engines.guard.gather import Look, gather, refuse_nonsense
from unfelt.engines.guard.impact import People, impact_of
from unfelt.engines.guard.interference import Neighbour, Rate, block_of, watch_neighbour
from unfelt.engines.guard.levels import levels_of
from unfelt.engines.guard.pace import Pace, lead_seconds, watch_pace
from unfelt.engines.guard.past import Past, with_rates_of_now
from unfelt.engines.guard.snapshot import about, pack, unpack
from unfelt.engines.guard.standing import Standing, hurt_cells, standing_of
from unfelt.engines.guard.views import cell_views, split_view
from unfelt.engines.guard.waiting import Worth
from unfelt.kernel.tally import Tally


@dataclass(frozen=True, slots=True)
class Memory:
    """All that a guard remembers from tick to tick. split_failed latches; fresh_*: what the split saw."""

    evidence: Evidence
    pace: Pace
    neighbour: Neighbour
    past: Past
    split_failed: bool = False
    fresh_new: int = 0
    fresh_old: int = 0


class Guard:
    """Watches one change. It has no clock and does no input or output; all cells are fixed when it is made."""

    def __init__(
        self,
        plan: Change,
        *,
        segments: Mapping[str, Sequence[str]] | None = None,
        rate: float | None = None,
        budget: int | None = None,
    ) -> None:
        """segments: the fixed values of each segment column; None takes the plan's own. `other` is always there.

        rate: customers per second from the baseline, if known. budget: what earlier attempts left of it, if less.
        """
        self._plan = plan
        self._segments = {by: list(values) for by, values in sorted((segments or {}).items())}
        self._layout = lay_out(plan, self._segments)
        self._levels = levels_of(plan, self._layout)
        self._worth = Worth(self._layout)
        self._budget = plan.guard.impact_budget if budget is None else min(budget, plan.guard.impact_budget)
        self._bets = ev.Bets.of(self._layout, budget=self._budget, relevant=self._levels.relevant)
        self._memory_seconds = 4 * lead_seconds(plan)
        known = self._memory_seconds if rate is not None else 0.0
        self._memory = Memory(
            Evidence.begin(self._layout),
            Pace(arrived=(rate or 0.0) * known, seconds=known),
            Neighbour(),
            Past.begin(len(self._layout.cells)),
        )

    def observe(
        self,
        tallies: Sequence[Tally],
        failures: Sequence[Tally] | None = None,
        splits: Sequence[Split] | None = None,
        *,
        exposed: int = 0,
        in_flight: int = 0,
        felt: int | None = None,
        at: datetime,
        share: float | None = None,
        unmeasured: Message | None = None,
        is_shown: bool = True,
    ) -> Decision:
        """One tick: what closed, what failed, who was assigned since the last one, and the decision on all so far.

        exposed: customers ever assigned to new, those in_flight included. felt: those to whom anything bad
        happened in a window that is over, cut short or not; None where that is not counted. share: where the
        router is; None in judging recorded data. unmeasured: why the telemetry cannot be trusted, if it cannot.
        is_shown: the decision comes with what people see of the evidence; without, it is the same but for that.
        """
        refuse_nonsense(exposed, in_flight, felt, at=at, share=share)
        look = gather(self._layout, tallies, failures, splits)
        evidence = ev.advance(self._memory.evidence, look, self._layout, self._bets, level=self._levels.level)
        standing = standing_of(evidence, self._levels)
        self._memory = self._remember(evidence, standing, look, at=at, share=share, unmeasured=unmeasured)
        people = People(exposed, in_flight, felt)
        facts = self._facts(standing, people, at=at, share=share, reason=unmeasured)
        return self._answer(facts, decide(facts), is_shown=is_shown)

    def begin_promotion(self) -> None:
        """Promotion was acted on: from here on going back is judged against the margins."""
        self._memory = replace(self._memory, evidence=ev.begin_promotion(self._memory.evidence, self._layout))

    @property
    def is_promoted(self) -> bool:
        """Promotion has begun."""
        return self._memory.evidence.after is not None

    @property
    def rate(self) -> float | None:
        """Customers per second, as seen; the baseline's is worth handing on to the guard of the rollout."""
        return self._memory.pace.rate

    def state(self) -> bytes:
        """All that the guard remembers, exactly."""
        return pack(self._memory, about=self._about())

    @classmethod
    def restore(cls, plan: Change, data: bytes, *, budget: int | None = None) -> "Guard":
        """The guard that wrote `data`, going on bit by bit as if it had never stopped."""
        guard = cls(plan, segments=about(data)["segments"] or None, budget=budget)
        guard._memory = unpack(data, guard._blank(), about=guard._about())
        return guard

    def _blank(self) -> Memory:
        past = Past.begin(len(self._layout.cells))
        return Memory(ev.begin_promotion(Evidence.begin(self._layout), self._layout), Pace(), Neighbour(), past)

    def _about(self) -> dict[str, object]:
        cells = [[c.metric, c.segment, c.stratum, str(c.margin)] for c in self._layout.cells]
        return {"segments": self._segments, "cells": cells, "guard": self._plan.guard.model_dump(mode="json")}

    def _remember(
        self,
        evidence: Evidence,
        standing: Standing,
        look: Look,
        *,
        at: datetime,
        share: float | None,
        unmeasured: Message | None,
    ) -> Memory:
        fresh_new = sum(split.new for split in look.splits)
        fresh_old = sum(split.old for split in look.splits)
        before = self._memory
        fresh = fresh_new + fresh_old
        pace = watch_pace(before.pace, fresh=fresh, share=share, at=at, memory=self._memory_seconds)
        failed = before.split_failed or standing.is_split_wrong
        since = (before.pace.unmeasured or at) if failed or unmeasured is not None else None
        neighbour = self._neighbour(evidence, fresh=(fresh_new, fresh_old), at=at, share=share)
        past = self._past(evidence, neighbour, at=at, share=share)
        return Memory(
            self._with_rates_of_now(evidence, past),
            replace(pace, unmeasured=since),
            neighbour,
            past,
            failed,
            before.fresh_new + fresh_new,
            before.fresh_old + fresh_old,
        )

    def _neighbour(
        self, evidence: Evidence, *, fresh: tuple[int, int], at: datetime, share: float | None
    ) -> Neighbour:
        place = self._layout.anything
        new, old = (evidence.seen[place, :2] - self._memory.evidence.seen[place, :2]).tolist()
        return watch_neighbour(
            self._memory.neighbour,
            old=Rate(fresh[1], old),
            new=Rate(fresh[0], new),
            share=share,
            at=at,
            lead=lead_seconds(self._plan),
        )

    def _with_rates_of_now(self, evidence: Evidence, past: Past) -> Evidence:
        """The next bets are made with how bad old is by now; later looks are about those of before."""
        _n1, _x1, n0, x0 = evidence.counts[self._layout.anything]
        by_now = past.plugs[self._layout.anything]
        if not (by_now and x0):
            return evidence
        plugs = np.where((past.plugs > 0) & ~self._layout.is_later, past.plugs, evidence.plugs)
        harmed = with_rates_of_now(evidence.harmed, times=float(by_now * n0 / x0))
        return replace(evidence, plugs=plugs, harmed=harmed)

    def _past(self, evidence: Evidence, neighbour: Neighbour, *, at: datetime, share: float | None) -> Past:
        """How bad old was lately; in recorded data all of the past counts alike."""
        if share is None:
            return self._memory.past
        closed = (evidence.counts - self._memory.evidence.counts)[:, 2:]
        lead, worse = lead_seconds(self._plan), neighbour.times_worse
        return self._memory.past.advance(closed, self._layout, at=at, block=block_of(lead), worse=worse, lead=lead)

    def _facts(
        self,
        standing: Standing,
        people: People,
        *,
        at: datetime,
        share: float | None,
        reason: Message | None,
    ) -> Facts:
        memory = self._memory
        impact = impact_of(memory.evidence, self._layout, people, budget=self._budget, level=self._levels.level)
        if memory.split_failed:
            reason = sentences.split_wrong(memory.fresh_new, memory.fresh_old, borne=self._levels.relevant)
        return Facts(
            plan=self._plan,
            layout=self._layout,
            evidence=memory.evidence,
            bets=self._bets,
            standing=standing,
            impact=impact,
            affected=impact.affected(confidence=1 - self._levels.level),
            pace=memory.pace,
            neighbour=memory.neighbour,
            worth=self._worth,
            budget=self._budget,
            share=share,
            at=at,
            reason=reason,
        )

    def _answer(self, facts: Facts, verdict: Verdict, *, is_shown: bool) -> Decision:
        split = split_view(facts.standing)
        confidence = facts.affected.confidence
        shown = is_shown and cell_views(facts.evidence, facts.standing, self._layout, confidence=confidence)
        return Decision(
            action=verdict.action,
            share=verdict.share,
            because=verdict.because,
            affected=facts.affected,
            metric=verdict.cell.metric if verdict.cell else None,
            segment=verdict.cell.segment if verdict.cell else None,
            at=facts.at,
            cells=shown or (),
            split=replace(split, ok=not self._memory.split_failed),
            hurt=hurt_cells(facts.standing, self._layout, level=self._levels.level),
            more=verdict.more,
        )
