"""What the arena plays: contenders, scenes, how many runs of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any

import contenders as who
from causes import CAUSES, unfelt
from contenders import Contender, Terms
from keeping import Figure, Task
from mixed import SCENES as MIXED
from population import Scene
from rates import detection, latency, latency_of_guard, proof

from unfelt.engines.guard.circumstances import Circumstances
from unfelt.engines.guard.forecast import forecast

HARM = (0.009, 0.015, 0.03, 0.1, 0.6)
"""Bad rates on new, at 0.3 % on old and 20 customers a second."""
CALM = Scene("calm", harm=0.0, seconds=5 * 3600.0)
EIGHT_HOURS = 8 * 3600.0
"""Long enough for nearly every proof at that traffic."""
TERMS = Terms()
TIGHT = Terms(budget=120)
LIMIT_SECONDS = 93 * 60.0
"""What the harmless change needs at half share by the bound of STATISTICS §4."""
THREE = Scene("three metrics", base=0.009, metrics=3, seconds=5 * 3600.0, looks=20.0)
"""Harmless: each of three metrics is bad in 0.3 %."""
NEZHA = Scene("10.3 → 10.3 %", base=0.103)
"""A recorded kind of fault, `recommendation cpu_contention`: so many are slow, and 13.9 % with it."""
NEZHA_TERMS = Terms(margin=0.02)

CONTENDERS: dict[str, Contender] = {
    "unfelt": unfelt,
    "Flagger, documentation": who.flagger,
    "Flagger, tutorial": partial(who.flagger, step=10, threshold=5),
    "Flagger, tuned": partial(who.flagger, step=5, threshold=2, success=None),
    "Argo Rollouts, documentation": who.argo,
    "Argo Rollouts, tuned": partial(who.argo, success=None, failure_limit=0, every=60),
    "Kayenta, 3 h": who.kayenta,
    "Kayenta, 60 min": partial(who.kayenta, judgements=1),
    "Kayenta, tuned (5 min)": partial(who.kayenta, judgements=36, minutes=5),
    "GrowthBook": who.growthbook,
    "GrowthBook, tuned": partial(who.growthbook, least=10, looks=360, alpha=0.01),
    "Statsig": who.statsig,
    "Statsig, tuned (10 min)": partial(who.statsig, looks=54, alpha=0.01),
    "mSPRT, every second": who.msprt,
    "asymptotic CS, every second": who.asymptotic,
    "oracle": who.oracle,
}
ALL, UNFELT = tuple(CONTENDERS), ("unfelt",)
PEERS = ALL[1:]
QUIET = (
    replace(CALM, name="steady"),
    replace(CALM, name="daily cycle", swing=0.6, day=4 * 3600.0),
    replace(CALM, name="noise by the minute", noise=0.5),
    replace(CALM, name="returning, correlated", returns=3.0, alike=2.0),
    replace(CALM, name="low traffic", rate=0.5, base=0.01),
    replace(CALM, name="all of it", swing=0.4, day=4 * 3600.0, noise=0.3, returns=2.0, alike=1.0),
)
"""Nothing is wrong with new: whoever goes back raises a false alarm."""
BAD = (
    replace(CALM, name="constant, just beyond the margin", harm=0.002),
    replace(CALM, name="constant, 1 %", harm=0.01),
    replace(CALM, name="constant, 1 %, returning and noise", harm=0.01, returns=2.0, alike=1.0, noise=0.3),
    replace(CALM, name="constant, 10 % of a third", harm=0.1, group=0.33),
    replace(CALM, name="low traffic, 5 %", rate=0.5, base=0.01, harm=0.05),
)
"""Harm that is there from the beginning: hardly ever may more be affected than the budget."""
LATE = tuple(
    replace(CALM, name=f"{harm:.0%} after {onset / 60:g} min", harm=harm, onset=onset)
    for harm in (0.01, 0.1)
    for onset in (600.0, 2400.0)
)
"""Harm that begins later."""


SLOW = frozenset({"low traffic", "all of it", "low traffic, 5 %"})
"""Scenes in which a run lasts for most of the five hours."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many runs of each kind: for the kernel per cell, for latency, and streams per scene.

    harmless: of the peers, who take no time; `own` of unfelt, which serve as the steady scene too where that has
    none of its own. quiet, bad, late: of each scene, but `slow` of each of SLOW.
    """

    kernel: int = 200
    latency: int = 40
    harm: int = 12
    harmless: int = 12
    own: int = 6
    tight: int = 2
    steady: int = 0
    quiet: int = 2
    bad: int = 3
    late: int = 2
    slow: int = 1
    long: int = 2
    causes: int = 0
    mixed: int = 1
    three: int = 0
    slow_kind: int = 2


FULL = Sizes(
    2000,
    400,
    100,
    100,
    own=100,
    tight=100,
    steady=300,
    quiet=300,
    bad=300,
    late=300,
    slow=300,
    long=300,
    causes=40,
    mixed=600,
    three=200,
    slow_kind=20,
)
"""Enough to tell 1 % (300 runs without an event put it below 1 % at 95 % confidence). Some hours of two cores."""
LONG = "harmless, eight hours"
"""Part of the full arena, or asked for: its runs are long."""
FIGURES: dict[str, Callable[..., Any]] = {
    "detection": partial(detection, seed=1),
    "proof": partial(proof, seed=2),
    "latency": partial(latency, seed=3),
    "latency of the guard": partial(latency_of_guard, seed=4),
}
PARTS = (
    "kernel",
    "harm",
    "harmless",
    "harmless, tight",
    "false alarms",
    "beyond the budget",
    "late onset",
    LONG,
    "common causes",
    "mixed directions",
    "three metrics",
    "cpu contention",
)


def figures_of(parts: Sequence[str], sizes: Sizes) -> list[Figure]:
    """What is computed of the kernel."""
    runs = {name: sizes.latency if name.startswith("latency") else sizes.kernel for name in FIGURES}
    return [Figure(name, n) for name, n in runs.items()] if "kernel" in parts else []


def tasks_of(parts: Sequence[str], sizes: Sizes) -> list[Task]:
    """What is played; what lasts longest comes first, so that both cores end at once."""
    harmless, tight = range(1000, 1000 + sizes.own), range(1000, 1000 + sizes.tight)
    long = [replace(QUIET[place], seconds=EIGHT_HOURS) for place in (0, 2)]
    tasks = [
        *_scenes(LONG, long, sizes.long, sizes),
        *_scenes("false alarms", QUIET[:1], sizes.steady, sizes),
        *_scenes("false alarms", QUIET[1:], sizes.quiet, sizes),
        *_scenes("beyond the budget", BAD, sizes.bad, sizes),
        Task("harmless, tight", "unfelt", CALM, UNFELT, tight, TIGHT),
        Task("harmless", "unfelt", CALM, UNFELT, harmless, TERMS),
        *_scenes("late onset", LATE, sizes.late, sizes),
        *(
            Task("harm", f"{rate:.1%}", replace(CALM, harm=rate - CALM.base), ALL, range(sizes.harm), TERMS)
            for rate in HARM
        ),
        Task("harmless", "the others", CALM, PEERS, range(1000, 1000 + sizes.harmless), TERMS),
        *(
            Task("common causes", scene.name, scene, UNFELT, range(3000, 3000 + sizes.causes), terms)
            for scene, terms in CAUSES
        ),
        *(
            Task(
                "mixed directions",
                scene.name,
                scene,
                UNFELT,
                range(sizes.mixed),
                Terms(scene.margin, scene.budget),
            )
            for scene in MIXED
        ),
        Task("three metrics", "unfelt", THREE, UNFELT, range(4000, 4000 + sizes.three), asked(THREE, TERMS)),
        *_contention(sizes),
    ]
    return [task for task in tasks if task.part in parts and len(task.seeds)]


def asked(scene: Scene, terms: Terms) -> Terms:
    """The budget is what `unfelt plan` asks for, rounded up."""
    change = who.plan_of(scene, terms)
    base = {metric.id: scene.base / scene.metrics for metric in change.experience.metrics}
    return replace(terms, budget=ceil(forecast(change, Circumstances(scene.rate, base)).budget))


def _contention(sizes: Sizes) -> Iterator[Task]:
    """With the budget that the plan asks for, which the others know nothing of; and with one that is short."""
    for scene in (replace(NEZHA, name="10.3 → 13.9 %", harm=0.036), NEZHA):
        seeds = range(sizes.slow_kind)
        yield Task("cpu contention", scene.name, scene, ALL, seeds, asked(NEZHA, NEZHA_TERMS))
        yield Task("cpu contention", f"{scene.name}, budget 150", scene, UNFELT, seeds, NEZHA_TERMS)


def _scenes(part: str, scenes: Sequence[Scene], runs: int, sizes: Sizes) -> list[Task]:
    counts = [sizes.slow if scene.name in SLOW else runs for scene in scenes]
    tasks = [
        Task(part, scene.name, scene, UNFELT, range(2000, 2000 + n), TERMS)
        for scene, n in zip(scenes, counts, strict=True)
    ]
    return sorted(tasks, key=lambda task: task.scene.name not in SLOW)
