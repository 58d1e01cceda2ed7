"""The arena: all contenders on the same streams of customers, and the kernel beside the oracle.

.venv/bin/python benchmarks/arena [--full] [--part PART ...] [--workers N] [--out DIRECTORY]

Each scene is written to DIRECTORY/arena.json as soon as it is played; parts played earlier are shown beside it.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import contenders as who
from causes import CAUSES
from causes import play as play_cause
from contenders import Contender, End, Terms
from population import Scene, draw
from rates import detection, latency, latency_of_guard, proof
from showing import show

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
    "unfelt": who.unfelt,
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
"""Harm that begins later: not covered by the budget's promise, and told apart."""


def play(name: str, scene: Scene, terms: Terms, seed: int) -> End:
    """One contender on one run of the scene."""
    return CONTENDERS[name](draw(scene, seed), scene, terms)


def played(
    pool: ProcessPoolExecutor, names: Sequence[str], scene: Scene, terms: Terms, seeds: range
) -> dict[str, list[End]]:
    """How each of them ended, on the same runs."""
    jobs = {name: [pool.submit(play, name, scene, terms, seed) for seed in seeds] for name in names}
    return {name: [job.result() for job in some] for name, some in jobs.items()}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many runs of each kind: for the kernel per cell, for latency, and streams per scene."""

    kernel: int = 200
    latency: int = 40
    harm: int = 16
    harmless: int = 12
    tight: int = 12
    scenes: int = 6
    causes: int = 4


FULL = Sizes(kernel=2000, latency=400, harm=100, harmless=100, tight=100, scenes=300, causes=40)
"""Enough to tell 1 % (300 runs without an event put it below 1 % at 95 % confidence). Some hours of two cores."""
SCENES = {"false alarms": QUIET, "beyond the budget": BAD, "late onset": LATE}


def play_part(pool: ProcessPoolExecutor, part: str, sizes: Sizes) -> Iterator[dict[str, object]]:
    """What one part of the arena found: growing from scene to scene."""
    found: dict[str, object] = {}
    if part == "kernel":
        jobs = {
            "detection": pool.submit(detection, runs=sizes.kernel, seed=1),
            "proof": pool.submit(proof, runs=sizes.kernel, seed=2),
            "latency": pool.submit(latency, runs=sizes.latency, seed=3),
            "latency of the guard": pool.submit(latency_of_guard, runs=sizes.latency, seed=4),
        }
        yield {name: _rows(job.result()) for name, job in jobs.items()}
    elif part == "harm":
        for rate in HARM:
            scene = replace(CALM, harm=rate - CALM.base)
            found[f"{rate:.1%}"] = _plain(played(pool, list(CONTENDERS), scene, TERMS, range(sizes.harm)))
            yield found
    elif part == "harmless":
        yield _plain(played(pool, list(CONTENDERS), CALM, TERMS, range(1000, 1000 + sizes.harmless)))
    elif part == "harmless, tight":
        yield _plain(played(pool, ["unfelt"], CALM, TIGHT, range(1000, 1000 + sizes.tight)))
    elif part == LONG:
        for scene in (one for one in QUIET if one.name in ("steady", "noise by the minute")):
            longer = replace(scene, seconds=EIGHT_HOURS)
            seeds = range(2000, 2000 + sizes.scenes)
            found[f"unfelt, {scene.name}"] = _plain(played(pool, ["unfelt"], longer, TERMS, seeds))["unfelt"]
            yield found
    elif part == "common causes":
        for scene, terms in CAUSES:
            jobs = [pool.submit(play_cause, scene, terms, seed) for seed in range(3000, 3000 + sizes.causes)]
            found[scene.name] = _plain({"unfelt": [job.result() for job in jobs]}) | {"budget": terms.budget}
            yield found
    else:
        for scene in SCENES[part]:
            found[scene.name] = _plain(played(pool, ["unfelt"], scene, TERMS, range(2000, 2000 + sizes.scenes)))
            yield found


PARTS = ("kernel", "harm", "harmless", "harmless, tight", *SCENES)
LONG = "harmless, eight hours"
ASKED_FOR = (LONG, "common causes")
"""Parts of the full arena, or asked for: their runs are long."""


def main() -> None:
    """Everything, as tables on the terminal and as JSON and plots in the directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="enough runs to tell 1 %%")
    parser.add_argument(
        "--part", action="append", choices=(*PARTS, *ASKED_FOR), help="only this part; may be given again"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/arena"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    kept = asked.out / "arena.json"
    found = json.loads(kept.read_text()) if asked.part and kept.exists() else {}
    with ProcessPoolExecutor(asked.workers) as pool:
        for part in asked.part or ((*PARTS, *ASKED_FOR) if asked.full else PARTS):
            began = time.monotonic()
            for so_far in play_part(pool, part, FULL if asked.full else Sizes()):
                found[part] = so_far
                found.setdefault("seconds", {})[part] = time.monotonic() - began
                kept.write_text(json.dumps(found, indent=1))
    show(found, terms=asdict(TERMS), limit=LIMIT_SECONDS, out=asked.out)


def _plain(ends: dict[str, list[End]]) -> dict[str, object]:
    return {name: [asdict(end) for end in some] for name, some in ends.items()}


def _rows(result: object) -> object:
    return [asdict(row) for row in result] if isinstance(result, list) else result


if __name__ == "__main__":
    main()
