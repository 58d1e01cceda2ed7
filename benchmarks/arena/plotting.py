"""The arena's plot: customers affected by how bad new is, each contender against the limit."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from unfelt.kernel.limits import needed_to_see

BASE, LEVEL = 0.003, 0.01
SHOWN = {
    "unfelt": ("#0f766e", "o", 2.6),
    "oracle": ("#17202b", "", 1.2),
    "mSPRT, every second": ("#8a5a00", "^", 1.2),
    "GrowthBook, tuned": ("#1d4ed8", "s", 1.2),
    "Kayenta, tuned (5 min)": ("#7c3aed", "D", 1.2),
    "Statsig, tuned (10 min)": ("#be185d", "v", 1.2),
    "Flagger, documentation": ("#b4232a", "x", 1.2),
    "Argo Rollouts, documentation": ("#6b7280", "+", 1.2),
}
"""Colour, mark and width of those that are drawn."""


def is_drawn(found: dict[str, Any]) -> bool:
    """Everybody who is drawn has played at each rate."""
    rates = found.get("harm", {}).values()
    return bool(rates) and all(name in ends for ends in rates for name in SHOWN)


def draw(found: dict[str, Any], out: Path) -> Path:
    """affected.svg: means over the runs, logarithmic; hollow where fewer than 95 % of the runs went back."""
    rates = [float(rate.rstrip("%")) / 100 for rate in found["harm"]]
    figure, axes = plt.subplots(figsize=(9, 5.5))
    least = [float(needed_to_see(BASE, rate, 1e-6, level=LEVEL)) * (rate - BASE) for rate in rates]
    axes.plot(rates, least, color="#17202b", linestyle=":", label="the least that any method needs")
    for name, (color, mark, width) in SHOWN.items():
        runs = [ends[name] for ends in found["harm"].values()]
        affected = [float(np.mean([end["affected"] for end in some])) for some in runs]
        sure = [np.mean([end["action"] == "back" for end in some]) >= 0.95 for some in runs]
        axes.plot(rates, affected, color=color, linewidth=width, label=name)
        for rate, n, is_sure in zip(rates, affected, sure, strict=True):
            face = color if is_sure or mark in ("x", "+") else "none"
            if mark:
                axes.plot([rate], [n], color=color, marker=mark, markerfacecolor=face, linestyle="none")
    axes.set(xscale="log", yscale="log", xlabel="bad on new (0.3 % on old)", ylabel="customers affected (mean)")
    axes.set_xticks(rates, [f"{rate:.1%}" for rate in rates])
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.25)
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.set_title(
        "Customers affected before everybody was back; hollow: back in under 95 % of the runs", fontsize=9
    )
    figure.tight_layout()
    path = out / "affected.svg"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path
