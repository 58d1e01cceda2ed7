"""What was played, kept run by run: a second start goes on from there."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contenders import Terms
from mixed import Mixed
from population import Scene

EVERY = 1.0
"""So many seconds may lie between a run and its being written down."""


@dataclass(frozen=True)
class Task:
    """A scene of one part, and who plays it on which streams."""

    part: str
    name: str
    scene: Scene | Mixed
    who: tuple[str, ...]
    seeds: range
    terms: Terms


@dataclass(frozen=True)
class Figure:
    """A figure of the kernel, which is computed in one piece of so many runs."""

    name: str
    runs: int

    @property
    def key(self) -> str:
        """What it is kept under: of another number of runs it is another figure."""
        return f"{self.name}, {self.runs} runs"


class Kept:
    """A JSON file: `runs` by part, scene, contender and seed; `kernel` by figure; `seconds` of one core by part.

    Runs of another version of the guard are put aside.
    """

    def __init__(self, path: Path, *, guard: int) -> None:
        self._path, self._written = path, time.monotonic()
        blank: dict[str, Any] = {"guard": guard, "runs": {}, "kernel": {}, "seconds": {}}
        self._all = json.loads(path.read_text()) if path.exists() else blank
        if self._all.get("guard") != guard:
            aside = path.with_stem(f"{path.stem}-guard{self._all.get('guard', '')}")
            path.rename(aside)
            print(f"{path} is of another version of the guard: kept as {aside}, begun anew.")
            self._all = blank

    def forget(self, parts: Sequence[str]) -> None:
        """Nothing of these parts is kept."""
        for part in parts:
            self._all["runs"].pop(part, None)
            self._all["seconds"].pop(part, None)
            if part == "kernel":
                self._all["kernel"].clear()

    def absent(self, task: Task, seed: int) -> tuple[str, ...]:
        """Who has not played that stream."""
        scene = self._all["runs"].get(task.part, {}).get(task.name, {})
        return tuple(name for name in task.who if str(seed) not in scene.get(name, {}))

    def has(self, figure: Figure) -> bool:
        """It was computed."""
        return figure.key in self._all["kernel"]

    def keep(self, task: Task, seed: int, ends: dict[str, dict[str, Any]], *, seconds: float) -> None:
        """How these contenders ended on that stream."""
        scene = self._all["runs"].setdefault(task.part, {}).setdefault(task.name, {})
        for name, end in ends.items():
            scene.setdefault(name, {})[str(seed)] = end
        self._spent(task.part, seconds)

    def keep_figure(self, figure: Figure, found: object, *, seconds: float) -> None:
        """What was found."""
        self._all["kernel"][figure.key] = found
        self._spent("kernel", seconds)

    def write(self) -> None:
        """The file holds all of it; it is whole at every moment."""
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(self._all, indent=1))
        os.replace(draft, self._path)
        self._written = time.monotonic()

    def shown(self, tasks: Sequence[Task], figures: Sequence[Figure]) -> dict[str, Any]:
        """What of these was played: part, scene, contender, ends in order of the streams; the kernel's figures."""
        found: dict[str, Any] = {"seconds": self._all["seconds"]}
        for task in tasks:
            scene = self._all["runs"].get(task.part, {}).get(task.name, {})
            ends = {
                name: [scene[name][str(seed)] for seed in task.seeds if str(seed) in scene[name]]
                for name in task.who
                if name in scene
            }
            if any(ends.values()):
                found.setdefault(task.part, {})[task.name] = {name: some for name, some in ends.items() if some}
        if figures and all(map(self.has, figures)):
            found["kernel"] = {one.name: self._all["kernel"][one.key] for one in figures}
        return found

    def missing(self, tasks: Sequence[Task], figures: Sequence[Figure]) -> Iterator[tuple[str, str, int, int]]:
        """Part, scene, runs that are due and those that are not there, wherever any is missing."""
        for task in tasks:
            absent = sum(len(self.absent(task, seed)) for seed in task.seeds)
            if absent:
                yield task.part, task.name, len(task.who) * len(task.seeds), absent
        for one in figures:
            if not self.has(one):
                yield "kernel", one.name, one.runs, one.runs

    def _spent(self, part: str, seconds: float) -> None:
        self._all["seconds"][part] = self._all["seconds"].get(part, 0.0) + seconds
        if time.monotonic() - self._written >= EVERY:
            self.write()
