"""How long a command takes to start, beside a Python that does nothing, in one run: wall and processor time.

python benchmarks/start.py [ROUNDS]
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLAN = ROOT / "examples" / "organisation" / "release.yaml"
BARE = (sys.executable, "-c", "pass")
WANTED = {"--help": 12.0, "gates": 30.0}
"""At most so many times a bare Python (issue 14)."""


def took(command: Sequence[str], *, cwd: str) -> tuple[float, float]:
    """Wall and processor seconds of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd)
    _pid, _status, used = os.wait4(process.pid, 0)
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def plan_in(home: str) -> str:
    """The plan with days counted from today, which holds: one that is refused ends before records are opened."""
    today = datetime.now(UTC).replace(hour=0, minute=0)
    text = re.sub(
        r"DAY([+-]\d+)",
        lambda one: f"{today + timedelta(days=int(one[1])):%Y-%m-%dT%H:%MZ}",
        PLAN.read_text("utf-8"),
    )
    plan = Path(home) / PLAN.name
    plan.write_text(text, "utf-8")
    subprocess.run([sys.executable, "-m", "unfelt", "check", str(plan)], check=True, stdout=subprocess.DEVNULL)
    return str(plan)


def main(rounds: int) -> None:
    """Each command in turn, round after round, so that a busy moment meets all of them."""
    with tempfile.TemporaryDirectory() as home:
        plan = plan_in(home)
        unfelt = (sys.executable, "-m", "unfelt")
        commands = {
            "bare": BARE,
            "--help": (*unfelt, "--help"),
            "check": (*unfelt, "check", plan),
            "gates": (*unfelt, "gates", plan, "--home", home),
        }
        for command in commands.values():
            took(command, cwd=home)  # What is compiled is compiled, and the records are there.
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _round in range(rounds):
            for name, command in commands.items():
                runs[name].append(took(command, cwd=home))
    bare = [statistics.median(column) for column in zip(*runs["bare"], strict=True)]
    print(f"bare python: {1000 * bare[0]:.0f} ms, processor {1000 * bare[1]:.0f} ms (medians of {rounds})")
    for name in list(commands)[1:]:
        wall, used = (statistics.median(column) for column in zip(*runs[name], strict=True))
        most = f", wanted at most {WANTED[name]:g}" if name in WANTED else ""
        print(
            f"{name}: {1000 * wall:.0f} ms, {wall / bare[0]:.1f} times; processor {used / bare[1]:.1f} times{most}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
