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
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from contenders import Terms
from keeping import Figure, Kept, Task
from mixed import Mixed, play_mixed
from parts import (
    CONTENDERS,
    FIGURES,
    FULL,
    LIMIT_SECONDS,
    LONG,
    PARTS,
    QUIET,
    TERMS,
    Sizes,
    figures_of,
    tasks_of,
)
from population import Scene, draw
from showing import show, show_missing

from unfelt.engines.guard import VERSION


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
