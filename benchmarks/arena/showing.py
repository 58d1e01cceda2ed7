"""The arena's tables and plot."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from plotting import draw
from rates import geometric
from rich.console import Console
from rich.table import Table

from unfelt.kernel.limits import needed_to_see

MOST = 0.95
"""The part of the runs in which a peer has to go back to be compared with."""
TESTS = ("mSPRT, every second", "asymptotic CS, every second")
"""Bare tests on a ramp of ours: no tool decides like that."""
FALSE = 0.05
"""A peer that takes a harmless change back more often is not compared with: it tells nothing apart."""


def show(found: dict[str, Any], *, terms: dict[str, Any], limit: float, out: Path) -> None:
    """Everything that was found."""
    console = Console(width=150)
    if "harm" in found:
        console.print(_harm(found["harm"]))
        console.print(_false_promotions(found["harm"]))
    if "harm" in found and "harmless" in found:
        _ratios(console, found["harm"], found["harmless"])
    if "harmless" in found:
        console.print(_harmless(found["harmless"], limit))
    if "harmless, tight" in found:
        console.print(_harmless(found["harmless, tight"], limit, title="The same with a budget of 120"))
    if "harmless, eight hours" in found:
        title = "A harmless change that may take eight hours"
        console.print(_harmless(found["harmless, eight hours"], limit, title=title))
    for title in ("false alarms", "beyond the budget", "late onset", "common causes"):
        if title in found:
            console.print(_scenes(title, found[title], terms["budget"]))
    if "kernel" in found:
        _kernel(console, found["kernel"])
    plot = f", {draw(found, out)}" if "harm" in found else ""
    spent = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in found["seconds"].items())
    console.print(f"{spent}; {out / 'arena.json'}{plot}")


def _affected(ends: list[dict[str, Any]]) -> float:
    return float(np.mean([end["affected"] for end in ends]))


def _share(ends: list[dict[str, Any]], action: str) -> float:
    return float(np.mean([end["action"] == action for end in ends]))


def _harm(harm: dict[str, Any]) -> Table:
    table = Table(title="Customers affected before going back (mean), and in how many runs it went back")
    table.add_column("contender")
    for rate in harm:
        table.add_column(f"{rate} bad", justify="right")
    for name in next(iter(harm.values())):
        cells = [f"{_affected(ends[name]):.1f}  {_share(ends[name], 'back'):.0%}" for ends in harm.values()]
        table.add_row(name, *cells)
    return table


def _false_promotions(harm: dict[str, Any]) -> Table:
    table = Table(title="False promotions, runs without a decision, and the time until it ended (median)")
    table.add_column("contender")
    for rate in harm:
        table.add_column(f"{rate} bad", justify="right")
    for name in next(iter(harm.values())):
        cells = []
        for ends in harm.values():
            minutes = float(np.median([end["seconds"] for end in ends[name]])) / 60
            promoted, undecided = _share(ends[name], "promote"), _share(ends[name], "undecided")
            cells.append(f"{promoted:.0%}  {undecided:.0%}  {minutes:.1f} min")
        table.add_row(name, *cells)
    return table


def _ratios(console: Console, harm: dict[str, Any], harmless: dict[str, Any]) -> None:
    ratios, beside, tools = [], [], []
    telling = {name for name, some in harmless.items() if _share(some, "back") <= FALSE}
    telling -= {"unfelt", "oracle"}
    for rate, ends in harm.items():
        p1 = float(rate.rstrip("%")) / 100
        best = min(
            (_affected(some), name)
            for name, some in ends.items()
            if name in telling and _share(some, "back") >= MOST
        )
        ours = _affected(ends["unfelt"])
        tool = min(
            _affected(some)
            for name, some in ends.items()
            if name in telling and name not in TESTS and _share(some, "back") >= MOST
        )
        tools.append(ours / tool)
        least = float(needed_to_see(0.003, p1, 1e-6, level=0.01)) * (p1 - 0.003)
        ratios.append(ours / best[0])
        beside.append(ours / least)
        console.print(
            f"{rate} bad: {ours:.1f} of unfelt, {best[0]:.1f} of {best[1]} ({ratios[-1]:.2f}), "
            f"{tool:.1f} of the best tool ({tools[-1]:.2f}), limit {least:.1f} ({beside[-1]:.2f} times)"
        )
    console.print(
        f"to the best peer that goes back in {MOST:.0%}, and hardly ever without harm: geometric mean "
        f"{geometric(ratios):.2f}, worst {max(ratios):.2f}; to the best tool: {geometric(tools):.2f}, worst "
        f"{max(tools):.2f}; to the limit: worst {max(beside):.2f} times"
    )


def _harmless(ends: dict[str, Any], limit: float, *, title: str = "") -> Table:
    table = Table(title=title or "A harmless change: how it ended, and the time beside the limit")
    for column in ("contender", "promoted", "back", "spent", "undecided", "time (median)", "time / limit"):
        table.add_column(column)
    for name, some in ends.items():
        counts = Counter(end["action"] for end in some)
        seconds = float(np.median([end["seconds"] for end in some]))
        parts = [f"{counts[action] / len(some):.0%}" for action in ("promote", "back", "spent", "undecided")]
        table.add_row(name, *parts, f"{seconds / 60:.0f} min", f"{seconds / limit:.2f}")
    return table


def _scenes(title: str, scenes: dict[str, Any], budget: int) -> Table:
    table = Table(title=f"unfelt: {title}")
    for column in ("scene", "runs", "back", "promoted", "spent", "undecided", "affected (median, most)", "beyond"):
        table.add_column(column)
    for name, ends in scenes.items():
        some = ends["unfelt"]
        counts = Counter(end["action"] for end in some)
        affected = [end["affected"] for end in some]
        parts = [f"{counts[action] / len(some):.1%}" for action in ("back", "promote", "spent", "undecided")]
        beyond = np.mean([one > ends.get("budget", budget) for one in affected])
        table.add_row(name, str(len(some)), *parts, f"{np.median(affected):.0f}, {max(affected)}", f"{beyond:.1%}")
    return table


def _kernel(console: Console, kernel: dict[str, Any]) -> None:
    for title in ("detection", "proof"):
        rows = kernel[title]
        for column in ("plain", "mixed"):
            ratios = [row[column] / row["oracle"] for row in rows]
            by = {row["ratio"]: [] for row in rows}
            for ratio, row in zip(ratios, rows, strict=True):
                by[row["ratio"]].append(ratio)
            console.print(
                f"{title}, {column}: {geometric(ratios):.2f} of the oracle (worst {max(ratios):.2f}; "
                + ", ".join(f"{one}: {geometric(some):.2f}" for one, some in sorted(by.items()))
                + ")"
            )
    for name in ("latency", "latency of the guard"):
        console.print(f"{name}, +20 % at a tenth of customers: {kernel[name]:.0f} customers on new (median)")
