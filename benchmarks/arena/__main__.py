"""The arena: all contenders on the same streams of customers, and the kernel beside the oracle.

.venv/bin/python benchmarks/arena [--full] [--part PART ...] [--workers N] [--out DIRECTORY] [--anew] [--missing]

Each run is kept in DIRECTORY/arena.json (--full: arena-full.json) as it is played, and is not played again: a
second start goes on from there. Ctrl-C lets the runs that are under way end. What is missing is said at the end.
"""

import argparse
import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import contenders as who
from causes import CAUSES, unfelt
from contenders import Contender, Terms
from keeping import Figure, Kept, Task
from mixed import SCENES as MIXED
from mixed import Mixed, play_mixed
from population import Scene, draw
from rates import detection, latency, latency_of_guard, proof
from showing import show, show_missing

from unfelt.engines.guard import VERSION

HARM = (0.009, 0.015, 0.03, 0.1, 0.6)
"""Bad rates on new, at 0.3 % on old and 20 customers a second."""
CALM = Scene("calm", harm=0.0, seconds=5 * 3600.0)
EIGHT_HOURS = 8 * 3600.0
"""Long enough for nearly every proof at that traffic."""
TERMS = Terms()
TIGHT = Terms(budget=120)
LIMIT_SECONDS = 93 * 60.0
"""What the harmless change needs at half share by the bound of STATISTICS §4."""

CONTENDERS: dict[str, Contender] = {
    "unfelt": unfelt,
    "Flagger, documentation": who.flagger,
    "Flagger, tutorial": partial(who.flagger, step=10, threshold=5),
    "Flagger, tuned": partial(who.flagger, step=5, threshold=2, success=1 - 0.003 - 0.001 / 2),
    "Argo Rollouts, documentation": who.argo,
    "Argo Rollouts, tuned": partial(who.argo, success=1 - 0.003 - 0.001 / 2, failure_limit=0, every=60),
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
    ]
    return [task for task in tasks if task.part in parts and len(task.seeds)]


def _scenes(part: str, scenes: Sequence[Scene], runs: int, sizes: Sizes) -> list[Task]:
    counts = [sizes.slow if scene.name in SLOW else runs for scene in scenes]
    tasks = [
        Task(part, scene.name, scene, UNFELT, range(2000, 2000 + n), TERMS)
        for scene, n in zip(scenes, counts, strict=True)
    ]
    return sorted(tasks, key=lambda task: task.scene.name not in SLOW)


def play(scene: Scene | Mixed, terms: Terms, seed: int, names: Sequence[str]) -> tuple[dict[str, Any], float]:
    """How each of them ended on one run of the scene, and the seconds of one core that it took."""
    began = time.process_time()
    if isinstance(scene, Mixed):
        return {"unfelt": asdict(play_mixed(scene, seed))}, time.process_time() - began
    stream = draw(scene, seed)
    ends = {name: asdict(CONTENDERS[name](stream, scene, terms)) for name in names}
    return ends, time.process_time() - began


def compute(name: str, runs: int) -> tuple[Any, float]:
    """A figure of the kernel, and the seconds of one core that it took."""
    began, found = time.process_time(), FIGURES[name](runs=runs)
    return [asdict(row) for row in found] if isinstance(found, list) else found, time.process_time() - began


def go_on(kept: Kept, tasks: Sequence[Task], figures: Sequence[Figure], *, workers: int) -> None:
    """All that is not kept is played; on Ctrl-C the runs that are under way end and are kept."""
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(os.getpid(),)) as pool:
        keepers: dict[Future[Any], Callable[..., None]] = {}
        for task in tasks:
            for seed in task.seeds:
                names = kept.absent(task, seed)
                if names:
                    job = pool.submit(play, task.scene, task.terms, seed, names)
                    keepers[job] = partial(kept.keep, task, seed)
        for one in figures:
            if not kept.has(one):
                keepers[pool.submit(compute, one.name, one.runs)] = partial(kept.keep_figure, one)
        waiting = set(keepers)
        try:
            for job in as_completed(keepers):
                waiting.discard(job)
                _take(job, keepers)
        except KeyboardInterrupt:
            print("Stopped: the runs that are under way end, and are kept.")
            pool.shutdown(wait=True, cancel_futures=True)
            for job in waiting:
                if not job.cancelled():
                    _take(job, keepers)
        finally:
            kept.write()


def _begin(parent: int) -> None:
    """A worker does not hear Ctrl-C, and ends with its parent, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _take(job: "Future[Any]", keepers: dict["Future[Any]", Callable[..., None]]) -> None:
    found, seconds = job.result()
    keepers[job](found, seconds=seconds)


def _with_steady(found: dict[str, Any]) -> dict[str, Any]:
    """The harmless runs of unfelt are those of the steady scene where it has none of its own."""
    quiet, own = found.get("false alarms", {}), found.get("harmless", {}).get("unfelt")
    if not quiet or own is None or QUIET[0].name in quiet:
        return found
    return found | {"false alarms": {QUIET[0].name: own} | quiet}


def main() -> None:
    """Everything, as tables on the terminal and as JSON and plots in the directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="enough runs to tell 1 %%")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be given again")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/arena"))
    parser.add_argument("--anew", action="store_true", help="play again what is kept")
    parser.add_argument("--missing", action="store_true", help="say what is missing, and play nothing")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    sizes, usual = (FULL, PARTS) if asked.full else (Sizes(), tuple(part for part in PARTS if part != LONG))
    path = asked.out / ("arena-full.json" if asked.full else "arena.json")
    kept, parts = Kept(path, guard=VERSION), asked.part or usual
    tasks, figures = tasks_of(parts, sizes), figures_of(parts, sizes)
    if not asked.missing:
        if asked.anew:
            kept.forget(parts)
        go_on(kept, tasks, figures, workers=asked.workers)
        found = _with_steady(kept.shown(tasks_of(PARTS, sizes), figures_of(PARTS, sizes)))
        show(found, terms=asdict(TERMS), limit=LIMIT_SECONDS, out=asked.out, path=path)
    show_missing(kept.missing(tasks, figures), path=path)


if __name__ == "__main__":
    main()
