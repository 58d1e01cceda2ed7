"""A library, its readers, a real Envoy and `unfelt run`, each a process of its own, for the tests beside this."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar

from blank import begin_with_tables
from databases import rows_of

from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place
from unfelt.adapters.routers.envoy.stopping import stop_router
from unfelt.testing.ports import free_port

HERE = Path(__file__).parent
PLAN = """\
unfelt: 1
change: {{id: {id}, title: A new catalogue, kind: software, owner: ann@library.example{careful}}}
experience:
  customer: cookie:card
  observe: 1s
  grace: 500ms
  segments: [{segments}]
  metrics:
    - {{id: refused, bad: "status >= 500", margin: {margin}}}
    {more}
guard: {{false_alarm: 1%, missed_harm: 1%, impact_budget: {budget} customers, tick: 250ms, mode: {mode},
  unmeasured: {unmeasured}, when_spent: {when_spent}{waits}}}
rollout:
  router: envoy
  listen: {listen}
  old: {old}
  new: {new}
  baseline: {baseline}
  first_share: 10%
  largest_share: 50%
  promoting: [75%, 95%]
  step: 500ms
  soak: {soak}
"""
_Told = TypeVar("_Told")
PATIENCE = 90.0
"""Seconds that a condition may take on a busy machine."""


def set_clock(moved: Path, text: str) -> None:
    """Whole or not at all: the guard whose clock that file moves reads it at any moment."""
    draft = moved.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(moved)


def at_once(*scenes: Callable[[], _Told], most: int = 3) -> list[_Told]:
    """What each scene tells, played side by side; the first that fails, fails the test."""
    with ThreadPoolExecutor(most) as stage:
        return [playing.result() for playing in [stage.submit(scene) for scene in scenes]]


def until(condition: Callable[[], Any], *, within: float = PATIENCE, what: str = "") -> Any:
    """What the condition gives once it is true."""
    end = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not within {within} s: {what or condition}"
        time.sleep(0.1)


@dataclass
class Guarded:
    """`unfelt run` as a process of its own."""

    process: subprocess.Popen[str]
    out: Path
    err: Path

    def looks(self) -> list[dict[str, Any]]:
        """Every whole line of JSON so far."""
        return [json.loads(line) for line in self.out.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def end(self, *, within: float = PATIENCE) -> int:
        """The exit code, once it has ended."""
        return self.process.wait(within)

    def report(self) -> dict[str, Any]:
        """The last line: the proof report."""
        return self.looks()[-1]

    def send(self, number: signal.Signals) -> float:
        """The signal is sent at the time returned."""
        at = time.time()
        self.process.send_signal(number)
        return at


@dataclass
class Library:
    """Two versions of a service behind the router of one change."""

    home: Path
    old: str = ""
    new: str = ""
    id: str = "catalogue"
    listen: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    settings: dict[str, str] = field(default_factory=dict)
    database: str | None = None
    words: Path | None = None
    """Where what a guard prints is kept; beside the records if nothing else is said."""
    guards: list[Guarded] = field(default_factory=list)

    @property
    def plan(self) -> Path:
        """The plan, written anew."""
        given = {
            "margin": "10%",
            "budget": "60",
            "mode": "auto",
            "unmeasured": "60s",
            "when_spent": "back",
            "baseline": "2s",
            "soak": "2s",
            "more": "",
            "segments": "{by: device}",
            "waits": "",
            "careful": "",
        }
        text = PLAN.format(id=self.id, listen=self.listen, old=self.old, new=self.new, **(given | self.settings))
        path = self.home / f"{self.id}.yaml"
        path.write_text(text)
        return path

    @property
    def router(self) -> Path:
        """The router's directory."""
        return self.home / "routers" / self.listen.replace(":", "-")

    def run(self, *options: str) -> Guarded:
        """The guard is at work."""
        return self.start(self._command("run", str(self.plan), "--json", *options))

    def start(self, command: list[str]) -> Guarded:
        """The command is at work as the guard."""
        words, name = self.words or self.home, f"{self.id}-{len(self.guards)}"
        out, err = words / f"{name}.out", words / f"{name}.err"
        with out.open("w") as stdout, err.open("w") as stderr:
            process = subprocess.Popen(command, stdout=stdout, stderr=stderr, text=True)
        self.guards.append(Guarded(process, out, err))
        return self.guards[-1]

    def ask(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Another command of unfelt, to its end."""
        return subprocess.run(
            self._command(command, *options),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "UNFELT_NETWORKS": "library=127.0.0.1/32"},  # Its plans look at this machine.
        )

    def _command(self, command: str, *options: str) -> list[str]:
        elsewhere = ["--database", self.database] if self.database else []
        return [
            str(Path(sys.executable).with_name("unfelt")),
            command,
            *options,
            "--home",
            str(self.home),
            *elsewhere,
        ]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the records, read beside whoever writes them."""
        if self.database:
            return rows_of(self.database, query)
        path = self.home / "records.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in connection.execute(query)]
            except sqlite3.OperationalError as error:
                # Not made yet, or locked by the test itself.
                if "no such table" in str(error):
                    return []
                raise

    def state(self) -> str:
        """Where the newest rollout stands."""
        rows = self.rows("SELECT state FROM records_rollout ORDER BY began DESC LIMIT 1")
        return rows[0]["state"] if rows else ""

    def share(self) -> float:
        """The share on record."""
        rows = self.rows("SELECT phase, share FROM records_epochrow ORDER BY id DESC LIMIT 1")
        return rows[0]["share"] if rows and rows[0]["phase"] != "baseline" else 0.0

    def entries(self, *kinds: str) -> list[dict[str, Any]]:
        """The bodies of these entries of the ledger, oldest first."""
        named = ", ".join(f"'{kind}'" for kind in kinds)
        rows = self.rows(f"SELECT body FROM records_entry WHERE kind IN ({named}) ORDER BY sequence")
        return [json.loads(row["body"]) for row in rows]

    def log(self) -> list[dict[str, Any]]:
        """The router's log, without its own requests."""
        text = (self.router / "access.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if line.get("arm") is not None or line.get("served")]

    def last_on_new(self) -> float:
        """When the last request that `new` served was sent, in seconds since the epoch."""
        return max((began(line) for line in self.log() if line["served"] == "new"), default=0.0)

    def refusals(self, record: Path) -> list[str]:
        """Requests of customers that got no answer."""
        return [line for line in record.read_text().splitlines(keepends=True) if line.split(" ")[1] == "0"]

    def batches(self) -> list[int]:
        """The number of each batch that was judged, in order; a look at a silent source has none of its own."""
        silent = "the source does not answer: {error}"
        looks = self.entries("decision")
        return [body["batch"] for body in looks if (body["trouble"] or {}).get("text") != silent]

    def moving(self) -> bool:
        """Customers are on new, and the router's log shows it."""
        return self.share() > 0 and self.last_on_new() > 0

    def envoy(self) -> Any:
        """The process that is Envoy now."""
        journal = read_journal(Place(self.router.absolute()))
        return journal and journal.envoy

    def close(self) -> None:
        """No process that was started here is left."""
        for guard in self.guards:
            with suppress(ProcessLookupError):
                guard.process.send_signal(signal.SIGCONT)
            guard.process.kill()
            guard.process.wait()
        envoy = self.envoy()
        if envoy is not None:
            with suppress(ProcessLookupError):
                os.kill(envoy.pid, signal.SIGCONT)
        stop_router(self.router)
        assert envoy is None or not envoy.is_alive()


def began(line: dict[str, Any]) -> float:
    """When the request of that line of the log arrived."""
    return datetime.fromisoformat(line["time"]).timestamp()


def asked(address: str) -> int:
    """How many requests the service at that address has answered so far."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.request("GET", "/asked")
        return int(connection.getresponse().read())


@contextmanager
def service(fault: str = "none", store: Path | None = None) -> Iterator[str]:
    """One version of the service at the address given; with a store every page is a loan."""
    command = [sys.executable, str(HERE / "foreign_service.py")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "FAULT": fault, "STORE": str(store or "")}
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


@contextmanager
def readers(listen: str, record: Path, *, rate: float = 40, seed: int = 7) -> Iterator[Path]:
    """Readers come until the block ends; what they met is in the record."""
    record.touch()
    asked = [f"http://{listen}", str(rate), str(seed), str(record)]
    process = subprocess.Popen([sys.executable, str(HERE / "foreign_readers.py"), *asked])
    try:
        yield record
    finally:
        process.kill()
        process.wait()


@contextmanager
def library(home: Path, *, fault: str = "none", database: str | None = None, **settings: str) -> Iterator[Library]:
    """A service in two versions, ready for `unfelt run`; afterwards nothing of it is left."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if database is None:
        begin_with_tables(home)
    with service() as old, service(fault) as new:
        place = Library(home, old=old, new=new, settings=settings, database=database)
        try:
            yield place
        finally:
            place.close()


@contextmanager
def visited(place: Library, *, rate: float = 40) -> Iterator[tuple[Guarded, Path]]:
    """The guard is at work, and readers come once the router listens."""
    guard = place.run()
    until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
    assert guard.process.poll() is None, guard.err.read_text()
    with readers(place.listen, place.home / "met.txt", rate=rate) as record:
        yield guard, record
