"""The arena's tables and plot."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from plotting import draw, is_drawn
from rates import geometric
from rich.console import Console
from rich.table import Table
from scipy.stats import beta

from unfelt.kernel.limits import needed_to_see

SIDE = 0.025
"""What an interval leaves out on either side."""
MOST = 0.95
"""The part of the runs in which a peer has to go back to be compared with."""
TESTS = ("mSPRT, every second", "asymptotic CS, every second")
"""Bare tests on a ramp of ours: no tool decides like that."""
FALSE = 0.05
"""A peer that takes a harmless change back more often is not compared with: it tells nothing apart."""


def show(found: dict[str, Any], *, terms: dict[str, Any], limit: float, out: Path, path: Path) -> None:
    """Everything that was found; a share is told with its interval at 95 % and the number of runs."""
    console = Console(width=178)
    harmless = {name: some for ends in found.get("harmless", {}).values() for name, some in ends.items()}
    if "harm" in found:
        console.print(_harm(found["harm"]))
        console.print(_false_promotions(found["harm"]))
    if "harm" in found and harmless:
        _ratios(console, found["harm"], harmless)
    if harmless:
        console.print(_harmless(harmless, limit))
    if "harmless, tight" in found:
        ends = found["harmless, tight"]["unfelt"]
        console.print(_harmless(ends, limit, title="The same with a budget of 120"))
    if "harmless, eight hours" in found:
        ends = {f"unfelt, {name}": some["unfelt"] for name, some in found["harmless, eight hours"].items()}
        console.print(_harmless(ends, limit, title="A harmless change that may take eight hours"))
    for title in ("false alarms", "beyond the budget", "late onset", "common causes", "mixed directions"):
        if title in found:
            console.print(_scenes(title, found[title], terms["budget"]))
    if "three metrics" in found:
        title = "A harmless change with three metrics, and the budget that `unfelt plan` asks for"
        console.print(_harmless(found["three metrics"]["unfelt"], limit, title=title))
    if "cpu contention" in found:
        console.print(_beside_peers(found["cpu contention"]))
    if "kernel" in found:
        _kernel(console, found["kernel"])
    plot = f", {draw(found, out)}" if is_drawn(found) else ""
    spent = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in found["seconds"].items())
    console.print(f"of one core: {spent}; {path}{plot}")


def show_missing(rows: Iterable[tuple[str, str, int, int]], *, path: Path) -> None:
    """What was not played yet."""
    table = Table(title=f"Missing in {path}")
    for column in ("part", "scene", "runs", "missing"):
        table.add_column(column)
    for part, scene, due, absent in rows:
        table.add_row(part, scene, str(due), str(absent))
    Console(width=150).print(table if table.row_count else f"Nothing is missing in {path}.")


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Clopper-Pearson bounds of a share, both sides together at 95 %."""
    low = float(beta.ppf(SIDE, hits, runs - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - SIDE, hits + 1, runs - hits)) if hits < runs else 1.0
    return low, high


def part_of(hits: int, runs: int) -> str:
    """`16/16 (79-100 %)`."""
    low, high = (
        f"{100 * end:.0f}" if end in (0, 1) or end >= 0.1 else f"{100 * end:.1f}" for end in interval(hits, runs)
    )
    return f"{hits}/{runs} ({low}-{high} %)"


def ended(ends: list[dict[str, Any]], action: str) -> str:
    """In how many of these it ended like that."""
    return part_of(sum(end["action"] == action for end in ends), len(ends))


def _affected(ends: list[dict[str, Any]]) -> float:
    return float(np.mean([end["affected"] for end in ends]))


def _share(ends: list[dict[str, Any]], action: str) -> float:
    return float(np.mean([end["action"] == action for end in ends]))


def _harm(harm: dict[str, Any]) -> Table:
    table = Table(title="Customers affected before going back (mean); in how many runs it went back (95 %)")
    table.add_column("contender")
    for rate in harm:
        table.add_column(f"{rate} bad", justify="right")
    for name in dict.fromkeys(name for ends in harm.values() for name in ends):
        some = [ends.get(name) for ends in harm.values()]
        table.add_row(name, *(f"{_affected(one):.1f}  {ended(one, 'back')}" if one else "-" for one in some))
    return table


def _false_promotions(harm: dict[str, Any]) -> Table:
    table = Table(title="False promotions (95 %), runs without a decision, and the time until it ended (median)")
    table.add_column("contender")
    for rate in harm:
        table.add_column(f"{rate} bad", justify="right")
    for name in dict.fromkeys(name for ends in harm.values() for name in ends):
        some = [ends.get(name) for ends in harm.values()]
        table.add_row(name, *(_without_back(one) if one else "-" for one in some))
    return table


def _without_back(ends: list[dict[str, Any]]) -> str:
    minutes = float(np.median([end["seconds"] for end in ends])) / 60
    undecided = sum(end["action"] == "undecided" for end in ends)
    return f"{ended(ends, 'promote')}  {undecided}  {minutes:.1f} min"


def _ratios(console: Console, harm: dict[str, Any], harmless: dict[str, Any]) -> None:
    ratios, beside, tools = [], [], []
    telling = {name for name, some in harmless.items() if _share(some, "back") <= FALSE}
    telling -= {"unfelt", "oracle"}
    for rate, ends in harm.items():
        p1 = float(rate.rstrip("%")) / 100
        peers = [(_affected(ends[name]), name) for name in sorted(telling & ends.keys())]
        peers = [(n, name) for n, name in peers if _share(ends[name], "back") >= MOST]
        best_tool = min((n for n, name in peers if name not in TESTS), default=None)
        if best_tool is None or "unfelt" not in ends:
            continue
        ours, best = _affected(ends["unfelt"]), min(peers)
        tools.append(ours / best_tool)
        least = float(needed_to_see(0.003, p1, 1e-6, level=0.01)) * (p1 - 0.003)
        ratios.append(ours / best[0])
        beside.append(ours / least)
        console.print(
            f"{rate} bad: {ours:.1f} of unfelt, {best[0]:.1f} of {best[1]} ({ratios[-1]:.2f}), "
            f"{best_tool:.1f} of the best tool ({tools[-1]:.2f}), limit {least:.1f} ({beside[-1]:.2f} times)"
        )
    if not ratios:
        return
    console.print(
        f"to the best peer that goes back in {MOST:.0%}, and hardly ever without harm: geometric mean "
        f"{geometric(ratios):.2f}, worst {max(ratios):.2f}; to the best tool: {geometric(tools):.2f}, worst "
        f"{max(tools):.2f}; to the limit: worst {max(beside):.2f} times"
    )


def _harmless(ends: dict[str, Any], limit: float, *, title: str = "") -> Table:
    table = Table(title=title or "A harmless change: how it ended, and the time beside the limit")
    columns = (
        "contender",
        "runs",
        "promoted",
        "back",
        "spent",
        "undecided",
        "time (median)",
        "mean",
        "beside the limit",
    )
    for column in columns:
        table.add_column(column)
    for name, some in ends.items():
        seconds = float(np.median([end["seconds"] for end in some]))
        parts = [ended(some, action) for action in ("promote", "back", "spent", "undecided")]
        mean = float(np.mean([end["seconds"] for end in some]))
        times = f"{seconds / limit:.2f}, {mean / limit:.2f}"
        table.add_row(name, str(len(some)), *parts, f"{seconds / 60:.0f} min", f"{mean / 60:.0f} min", times)
    return table


def _beside_peers(scenes: dict[str, Any]) -> Table:
    """The same streams for all, with harm and without; sooner and fewer is better where both are told apart."""
    table = Table(title="cpu contention, with harm and without: back, time (median), affected (median)")
    table.add_column("contender")
    for name in scenes:
        table.add_column(name, justify="right")
    for who in dict.fromkeys(who for ends in scenes.values() for who in ends):
        table.add_row(who, *(_ending(ends[who]) if who in ends else "-" for ends in scenes.values()))
    return table


def _ending(ends: list[dict[str, Any]]) -> str:
    seconds, affected = (float(np.median([end[of] for end in ends])) for of in ("seconds", "affected"))
    return f"{ended(ends, 'back')}  {seconds / 60:.1f} min  {affected:.0f}"


def _scenes(title: str, scenes: dict[str, Any], budget: int) -> Table:
    table = Table(title=f"unfelt: {title}")
    for column in (
        "scene",
        "runs",
        "back",
        "promoted",
        "spent",
        "undecided",
        "affected (median, most)",
        "beyond",
        "at most too low",
    ):
        table.add_column(column)
    for name, ends in scenes.items():
        table.add_row(name, *_scene(ends["unfelt"], budget))
    together = [end for ends in scenes.values() for end in ends["unfelt"]]
    table.add_row("together", *_scene(together, budget))
    return table


def _scene(ends: list[dict[str, Any]], budget: int) -> list[str]:
    affected = [end["affected"] for end in ends]
    parts = [ended(ends, action) for action in ("back", "promote", "spent", "undecided")]
    beyond = part_of(sum(one > budget for one in affected), len(ends))
    told = [end for end in ends if end["at_most"] is not None]
    below = part_of(sum(end["at_most"] < end["affected"] for end in told), len(told)) if told else "–"
    return [str(len(ends)), *parts, f"{np.median(affected):.0f}, {max(affected)}", beyond, below]


def _kernel(console: Console, kernel: dict[str, Any]) -> None:
    detected = {
        of: [row for row in kernel["detection"] if row.get("of", "rates") == of] for of in ("rates", "odds")
    }
    _beside_oracle(console, "detection", detected["rates"], "ratio")
    if detected["odds"]:
        _beside_oracle(console, "detection, small harm by odds", detected["odds"], "ratio")
        _beside_oracle(console, "detection, small harm by base rate", detected["odds"], "p0")
    _beside_oracle(console, "proof", kernel["proof"], "ratio")
    for name in ("latency", "latency of the guard"):
        console.print(f"{name}, +20 % at a tenth of customers: {kernel[name]:.0f} customers on new (median)")


def _beside_oracle(console: Console, title: str, rows: list[dict[str, Any]], by: str) -> None:
    for column in ("plain", "mixed"):
        ratios = [row[column] / row["oracle"] for row in rows]
        some: dict[float, list[float]] = {row[by]: [] for row in rows}
        for ratio, row in zip(ratios, rows, strict=True):
            some[row[by]].append(ratio)
        console.print(
            f"{title}, {column}: {geometric(ratios):.2f} of the oracle (worst {max(ratios):.2f}; "
            + ", ".join(f"{one}: {geometric(those):.2f}" for one, those in sorted(some.items()))
            + ")"
        )
