"""The guard played on expected customers: every count is what is expected, every decision the guard's own. Pure.

On such counts a bet stands where it stands in the middle of many runs: its mixtures rise with the failures on new,
so that half of the runs are above, and half below.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Literal

import numpy as np

from unfelt.documents.change import Change
from unfelt.engines.guard.audience import Audience, Who
from unfelt.engines.guard.cells import lay_out
from unfelt.engines.guard.decide import Facts, Verdict, decide
from unfelt.engines.guard.evidence import Bets, Evidence, advance
from unfelt.engines.guard.impact import impact_of
from unfelt.engines.guard.interference import Neighbour
from unfelt.engines.guard.levels import levels_of
from unfelt.engines.guard.pace import Pace, lead_seconds
from unfelt.engines.guard.standing import standing_of
from unfelt.engines.guard.waiting import Worth

COARSE = 0.03
"""A look takes at least a tick, and at most this part of the time so far: what comes out is up to so much late."""
EARLY = 0.8
"""It goes back where the expected evidence has this part of its threshold: half of the runs have crossed by then,
as one of two processes needs to cross, for a moment. Measured with `benchmarks/forecast.py`, …"""
ALONE = 0.9
"""… and this part where there is one alone, as with scores: with `benchmarks/forecast_kinds.py`."""
_BEGAN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Course:
    """How it ends, undecided when the time is over; after so many seconds, with so many customers on new."""

    action: Literal["back", "promote", "spent", "undecided"]
    seconds: float
    exposed: float


def play(change: Change, who: Who, *, rate: float, until: float) -> Course:
    """The rollout of so many customers a second, each of whom comes once and fails at once, up to so many seconds.

    Each part of the load that must be seen holds everybody. Questions without rates, such as later looks, tell
    nothing.
    """
    layout, tick = lay_out(change), change.guard.tick.total_seconds()
    crowd = Audience(change, layout, who, rate)
    budget, levels, evidence = change.guard.impact_budget, levels_of(change, layout), Evidence.begin(layout)
    bets, worth = Bets.of(layout, budget=budget, relevant=levels.relevant), Worth(layout)
    early = np.where(np.isinf(levels.before[:, 1]), ALONE, EARLY)
    now, share, seen, changed = 0.0, 0.0, 0.0, _BEGAN
    spent: Course | None = None
    while now < until:
        step = tick * max(1, floor(COARSE * now / tick))
        look = crowd.look(now, now + step, share)
        now += step
        at = _BEGAN + timedelta(seconds=now)
        changed, seen = (at, share) if share != seen else (changed, seen)
        evidence = advance(evidence, look, layout, bets, level=levels.level)
        standing = standing_of(evidence, levels)
        if (standing.back >= early).any():
            return Course("back", now, crowd.exposed)
        impact = impact_of(evidence, layout, crowd.people, budget=budget, level=levels.level)
        verdict = decide(
            Facts(
                plan=change,
                layout=layout,
                evidence=evidence,
                bets=bets,
                standing=standing,
                impact=impact,
                affected=impact.affected(confidence=1 - levels.level),
                pace=Pace(arrived=rate, seconds=1.0, at=at, share=share, changed=changed),
                neighbour=Neighbour(),
                worth=worth,
                budget=budget,
                share=share,
                at=at,
                reason=None,
            )
        )
        ended = _ended(verdict, now, crowd.exposed)
        if ended is not None and ended.action != "spent":
            return ended
        if ended is not None and spent is None:
            spent, until = ended, min(until, now + 2 * lead_seconds(change))
        share = 0.0 if spent else share if verdict.share is None else verdict.share
    return spent or Course("undecided", now, crowd.exposed)


def _ended(verdict: Verdict, now: float, exposed: float) -> Course | None:
    if verdict.action in ("back", "promote", "spent"):
        return Course(verdict.action, now, exposed)
    return None
