"""What hits both versions alike, and harm that is hard to tell from it: scenes of the arena."""

from datetime import timedelta
from math import inf

import contenders
from contenders import OBSERVE, START, TICK, End, Terms, customers_of, plan_of
from population import Scene, Stream, with_outage

from unfelt.engines.guard import Guard

HOURS = 3600.0
TERMS = Terms()
NEAR = 0.85
"""With this part of the budget gone every look counts."""


def _drift(name: str = "drift x 5 over five hours", **more: float) -> Scene:
    return _scene(name, drift=5.0, **more)


def _scene(name: str, **more: float) -> Scene:
    return Scene(**{"seconds": 5 * HOURS, "looks": 20.0, **more}, name=name)


HARMLESS = (
    (_drift(), TERMS),
    (_drift("drift x 5 over two hours, then it stays", drifts=2 * HOURS), TERMS),
    (_scene("outage of both, 3 min after 40 min", outage=0.5, begins=2400.0), TERMS),
    (_scene("outage of both, 10 min after 40 min", outage=0.5, begins=2400.0, lasts=600.0), TERMS),
    *((_scene(f"outage of both right after widening {i}", outage=0.5, follows=i), TERMS) for i in (1, 2, 3)),
    (_scene("outage after widening 2, 1 % bad", outage=0.5, follows=2, base=0.01), Terms(0.003, 150)),
    (_scene("outage after widening 2, two metrics", outage=0.5, follows=2, metrics=2), TERMS),
    (_scene("drift x 5, two metrics", drift=5.0, metrics=2), TERMS),
)
"""New is as good as old: at most 5 % may end with the budget spent."""
HARM = (
    (_scene("harm grows to 1 % in an hour", harm=0.01, grows=HOURS), TERMS),
    (_scene("harm grows to 0.3 % in an hour", harm=0.003, grows=HOURS), TERMS),
    (_scene("harm grows to 0.3 % in five hours", harm=0.003, grows=5 * HOURS), TERMS),
    (_drift("twice as bad, drift x 5", times=2.0), TERMS),
    (_drift("half as bad again, drift x 5", times=1.5), TERMS),
    (_scene("1 %, customers who return", harm=0.01, returns=3.0, alike=2.0), TERMS),
    (_scene("0.3 %, customers who return", harm=0.003, returns=3.0, alike=2.0), TERMS),
    (_scene("0.15 %, budget 60", harm=0.0015), Terms(budget=60)),
    (_scene("0.15 %", harm=0.0015), TERMS),
    (_scene("1 % and an outage after widening 2", harm=0.01, outage=0.5, follows=2), TERMS),
)
CAUSES = (*HARMLESS, *HARM)


def unfelt(stream: Stream, scene: Scene, terms: Terms) -> End:
    """The guard of a live rollout; an outage that follows a widening begins where it has widened so."""
    if not scene.looks:
        return contenders.unfelt(stream, scene, terms)
    if not scene.follows:
        return _rolled(stream, scene, terms, calm_until=scene.begins - scene.looks)
    widened = _widened(stream, scene, terms)
    return _rolled(with_outage(stream, scene, widened + stream.late), scene, terms, calm_until=widened)


def _widened(stream: Stream, scene: Scene, terms: Terms) -> float:
    """When the guard widens for the scene's time after the first share; never, where it ends before."""
    moves: list[float] = []
    _rolled(stream, scene, terms, moves=moves, most=scene.follows + 1, calm_until=inf)
    return moves[-1] if len(moves) > scene.follows else inf


def _rolled(
    stream: Stream,
    scene: Scene,
    terms: Terms,
    *,
    calm_until: float,
    moves: list[float] | None = None,
    most: int | None = None,
) -> End:
    """The rollout up to its end, or until the share has grown so often; `moves` are the times when it grew.

    The guard looks every second where something happens, and every `scene.looks` where nothing has for as long: it
    may look any number of times, and long rollouts are played in a tenth of the time.
    """
    change = plan_of(scene, terms)
    guard, customers = Guard(change, rate=scene.rate / (1 + scene.returns)), customers_of(stream, scene)
    calm_from = calm_until + scene.lasts + 2 * scene.looks if scene.outage else -inf
    share, now, calm, spent = 0.0, 0.0, 0, None
    while now < scene.seconds:
        seldom = calm >= scene.looks and (now + scene.looks <= calm_until or now >= calm_from)
        step = scene.looks if seldom else TICK
        seen = customers.step(now, now + step)
        now += step
        decision = guard.observe(**seen, at=START + timedelta(seconds=now), share=share, is_shown=False)
        end = End(decision.action, now, customers.affected, decision.affected.at_most)
        if decision.action in ("back", "promote"):
            return end
        spent = spent or (end if decision.action == "spent" else None)
        if spent and now > spent.seconds + 2 * (OBSERVE + TICK):
            return spent
        wanted = 0.0 if spent else share if decision.share is None else decision.share
        near = decision.affected.at_most > NEAR * terms.budget
        calm = 0 if wanted != share or spent or near else calm + int(step)
        if wanted > share and moves is not None:
            moves.append(now)
            if len(moves) == most:
                return End("undecided", now, customers.affected)
        if wanted != share:
            share = wanted
            customers.move(share, now=now)
    return spent or End("undecided", now, customers.affected)
