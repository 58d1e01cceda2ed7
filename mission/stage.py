"""What the mission stands on: the shop's processes, its customers, the console, and the command line."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ORGANISATION = Path(__file__).resolve().parent / "organisation"
EXAMPLES = ROOT / "examples"
CHANGE = "checkout-split"
PATIENCE = 30


class PlayError(SystemExit):
    """Something went otherwise than it has to."""


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """Of every program that is started: in English, and this machine may be looked at."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNFELT_")}
    paths = [str(EXAMPLES), *filter(None, [kept.get("PYTHONPATH")])]
    ours = {"UNFELT_LANG": "en", "UNFELT_NETWORKS": "local=127.0.0.1/32", "PYTHONPATH": os.pathsep.join(paths)}
    return {**kept, **ours, **more}


@dataclass
class Ran:
    """A command that ended: its exit code and what it said."""

    words: Sequence[str]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  (any JSON)
        """What the last line of its output says."""
        return json.loads(self.out.strip().splitlines()[-1])


@dataclass
class Stage:
    """One installation in its directory, and the ports of the shop."""

    place: Path
    ports: Mapping[str, int] = field(default_factory=dict)
    say: bool = True

    @property
    def home(self) -> Path:
        """Where the installation keeps what is its own."""
        return self.place / ".unfelt"

    @property
    def data(self) -> Path:
        """The stores of the shop."""
        return self.place / "shop"

    def unfelt(self, *words: str, due: int | Sequence[int] = 0, prefix: Sequence[str] = ("-m", "unfelt")) -> Ran:
        """A command, as the team types it in its directory; another exit code than is due ends the mission."""
        command = [sys.executable, *prefix, *words]
        told = environment(MISSION_DATA=str(self.data))
        began = time.monotonic()
        done = subprocess.run(command, cwd=self.place, env=told, capture_output=True, text=True, check=False)
        ran = Ran(words, done.returncode, done.stdout, done.stderr)
        if self.say:
            print(f"  {time.monotonic() - began:5.1f} s  {ran.code}  unfelt {' '.join(words)[:100]}", flush=True)
        if ran.code not in ((due,) if isinstance(due, int) else due):
            raise PlayError(
                f"unfelt {' '.join(words)}: exit code {ran.code}\n{ran.out[-3000:]}\n{ran.err[-3000:]}"
            )
        return ran

    def gates(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Where every control and gate stands, as `unfelt gates --json` says."""
        found: dict[str, Any] = self.unfelt("gates", "split.yaml", "--json", due=(0, 1), **more).json
        return found

    def copy(self, place: Path) -> "Stage":
        """The same at another place: a stage set for what must not touch the first. Its console is stopped."""
        shutil.copytree(self.place, place, ignore=shutil.ignore_patterns("experience", "routers"))
        return Stage(place, self.ports, say=False)


@contextmanager
def running(module: str, *options: str, place: Path) -> Iterator[subprocess.Popen[str]]:
    """The program of the shop, until the block ends."""
    command = [sys.executable, "-m", module, *options, "--parent", str(os.getpid())]
    process = subprocess.Popen(command, cwd=place, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def arm(stage: Stage, name: str, *, build: str = "good") -> Iterator[None]:
    """One version of the shop, at its port."""
    more = ("--build", build) if name == "new" else ()
    options = (name, "--port", str(stage.ports[name.upper()]), "--data", str(stage.data), *more)
    with running("shop.serve", *options, place=stage.place) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("ready "):
            raise PlayError(f"the {name} shop did not begin")
        yield


@contextmanager
def customers(stage: Stage, to: int, *, rate: float, seed: int) -> Iterator[None]:
    """Customers arrive at that port, so many a second, until the block ends."""
    options = ("--to", f"http://127.0.0.1:{to}", "--rate", str(rate), "--seed", str(seed))
    with running("shop.traffic", *options, place=stage.place) as process:
        yield
        process.kill()


@contextmanager
def console(stage: Stage) -> Iterator[tuple[str, str]]:
    """`unfelt serve` in the directory: where it answers, and the link that it prints for who runs it."""
    command = [sys.executable, "-m", "unfelt", "serve", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        command, cwd=stage.place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    line = next((line for line in process.stdout or () if "http://" in line), "")
    address = line[line.find("http://") :].strip()
    if not address:
        process.kill()
        raise PlayError("the console did not begin")
    base = "/".join(address.split("/")[:3])
    try:
        yield base, address.split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
