"""Lapses: at copies of the closed mission something is left out or done wrong, and exactly the named items fail.

A copy of the files of a store that is stopped is the stage set; what is done there is done by the usual doors.
"""

import http.server
import random
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from mission.company import Company
from mission.players import PASSWORD, Player
from mission.stage import CHANGE, PlayError, Stage, console

ANSWERED = ("pass", "stated", "signed", "waived", "not_applicable")
LIT = ("observed", "derived")
EACH_RUN = 4
WITHOUT = """
import sys
from unfelt.conf import plugins
gone = sys.argv.pop(1)
plugins.ENGINES = tuple(one for one in plugins.ENGINES if one != gone)
from unfelt.cli import main
main()
"""
"""The command line of an unfelt in which an engine is not registered: a program of its own."""


@dataclass(frozen=True)
class Lapse:
    """What is left out or done wrong, and the items that fail by it: these and no other."""

    what: str
    act: Callable[["Set"], None]
    named: frozenset[str]
    prefix: tuple[str, ...] = ("-m", "unfelt")


@dataclass
class Set:
    """The copy on which a lapse is played."""

    stage: Stage
    company: Company

    @contextmanager
    def people(self, *names: str) -> Iterator[list[Player]]:
        """These people at the console of the copy, come by their passwords, with a token."""
        with console(self.stage) as (base, _link):
            players = [Player(f"{name}@shop.example", base) for name in names]
            for one in players:
                one.press(at := "/accounts/login/", at, login=one.name, password=PASSWORD)
                one.make_token()
            try:
                yield players
            finally:
                for one in players:
                    one.leave()

    def replan(self, before: str, after: str) -> None:
        """The owner saves the plan with another text in one place."""
        with self.people("lin") as (lin,):
            plan = lin.ask("GET", f"changes/{CHANGE}/plan/")
            if before not in plan["text"]:
                raise PlayError(f"the plan does not hold {before!r}")
            text = plan["text"].replace(before, after)
            lin.ask("PUT", f"changes/{CHANGE}/plan/", {"text": text, "based_on": plan["number"]})
        (self.stage.place / "split.yaml").write_text(text)


# What is done wrong


def meets_a_freeze(at: Set) -> None:
    """The house freezes everything over the window, in its catalog."""
    window = at.company.window
    if window is None:
        raise PlayError("the plan has no window")
    start, end = (f"{one:%Y-%m-%dT%H:%MZ}" for one in window)
    with (at.stage.place / "catalog.yaml").open("a") as catalog:
        catalog.write(f'freezes:\n  - {{name: Stocktaking, from: "{start}", to: "{end}"}}\n')


def criterion_without_metric(at: Set) -> None:
    """Nothing of the guard shows it."""
    at.replan(", metric: slow_checkout}\nprobes", "}\nprobes")


def somebody_new(at: Set) -> None:
    """The plan names somebody who has not read it."""
    more = "  - {id: guo, name: guo@shop.example, roles: [auditor]}\nrisks:"
    at.replan("risks:", more)


def edited_after_the_proof(at: Set) -> None:
    """The budget is another one than that which was calibrated and proved."""
    at.replan("impact_budget: 90", "impact_budget: 95")


def moved_without_a_word(at: Set) -> None:
    """The window ends a day later, and nobody says why or is told."""
    window = at.company.window
    if window is None:
        raise PlayError("the plan has no window")
    at.replan(f"{window[1]:%Y-%m-%dT%H:%M}", f"{window[1] + timedelta(days=1):%Y-%m-%dT%H:%M}")


def refused(at: Set) -> None:
    """An owner takes it back that they accepted."""
    page = f"/changes/{CHANGE}/hand-overs/"
    with at.people("chen") as (chen,):
        chen.press(page, f"{page}pages/", accepts="no", about="pages", reason="The pages are being rebuilt")


def lesson_without_action(at: Set) -> None:
    """It teaches, and nobody does anything."""
    _lesson(at, text="The soak was too short to see the evening")


def action_not_done(at: Set) -> None:
    """It is in somebody's hands, and stays there."""
    due = f"{at.company.window[1]:%Y-%m-%d}" if at.company.window else ""
    _lesson(at, text="Nobody watched the queue", action="Watch the queue", member="wang@shop.example", due=due)


def sent_again(at: Set) -> None:
    """The report is sent once more, and nobody opens it."""
    with at.people("lin") as (lin,):
        at.stage.unfelt("mission", "step", "1h")
        lin.ask("POST", f"changes/{CHANGE}/reports/", {"to": ["guo@shop.example"]})


def _lesson(at: Set, **fields: str) -> None:
    with at.people("lin") as (lin,):
        lin.press(f"/changes/{CHANGE}/review/", f"/changes/{CHANGE}/lessons/", **fields)


def slow_answers(at: Set) -> None:
    """Eight tasks wait for six hours each."""
    controls = ("support.team", "support.channels", "support.training", "support.feedback", "cost.monitoring")
    more = ("cost.optimisation", "cost.report", "quality.audit")
    with at.people("lin", "wang") as (lin, wang):
        for control in (*controls, *more):
            lin.ask("PUT", f"changes/{CHANGE}/controls/{control}/hand/", {"to": wang.name})
        at.stage.unfelt("mission", "step", "6h")
        for control in (*controls, *more):
            wang.ask("POST", f"changes/{CHANGE}/controls/{control}/answer/", {"accepts": True})


def too_slow(at: Set) -> None:
    """The load is played again, and the program says that it was not carried."""
    _control(at, "testing.performance", 'import sys; print(\'{"load": 1.4, "slower_p95": 0.4}\'); sys.exit(1)')


def drill_that_fails(at: Set) -> None:
    """The way back of the data is walked again, and does not get there."""
    _control(at, "backup.drill", "import sys; sys.exit('two orders are missing')")


def _control(at: Set, control: str, program: str) -> None:
    at.stage.unfelt("run-control", control, "--plan", "split.yaml", "--", sys.executable, "-c", program, due=1)


def empty_backup(at: Set) -> None:
    """The stores that are copied hold no rows."""
    shutil.rmtree(at.stage.data, ignore_errors=True)
    at.stage.data.mkdir()
    for name in ("old.db", "checkout.db"):
        with closing(sqlite3.connect(at.stage.data / name)) as store:
            for table in ("products", "customers", "orders"):
                store.execute(f"CREATE TABLE {table} (id TEXT)")
    words = (sys.executable, "checks/backup.py")
    at.stage.unfelt("run-control", "backup.data", "--plan", "split.yaml", "--", *words, due=1)


def an_open_port(at: Set) -> None:
    """Somebody listens where nobody should."""
    with socket.create_server(("127.0.0.1", at.stage.ports["CLOSED"])), _pages(at, "The shop"):
        at.stage.unfelt("probe", "split.yaml", "--control", "security.measures", due=1)


def another_name(at: Set) -> None:
    """The pages say another name than the brand's."""
    with _pages(at, "Another house"):
        at.stage.unfelt("probe", "split.yaml", "--control", "brand.maintain", due=1)


def nobody_there(at: Set) -> None:
    """What is checked does not answer."""
    at.stage.unfelt("probe", "split.yaml", "--control", "compliance.checks", due=(1, 3))


@contextmanager
def _pages(at: Set, title: str) -> Iterator[None]:
    """At both addresses of the plan every page has that title."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"<title>{title}</title>".encode())

        def log_message(self, *_rest: object) -> None:
            return

    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", at.stage.ports[one]), Page) for one in ("OLD", "NEW")]
    for one in servers:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        for one in servers:
            one.shutdown()
            one.server_close()


def a_day_and_a_half(at: Set) -> None:
    """The business clock goes on, and nobody makes another copy."""
    at.stage.unfelt("mission", "step", "36h")


def nothing(_at: Set) -> None:
    """What is wrong is the unfelt that looks."""


def without(engine: str) -> tuple[str, ...]:
    """The command line of an unfelt without that engine."""
    return ("-c", WITHOUT, engine)


REPORT = "compliance.report"
"""It is about the plan as it was sent: whoever edits that sends another one."""
LAPSES = (
    Lapse("the window meets a freeze", meets_a_freeze, frozenset({"planning.window"})),
    Lapse("a criterion without a metric", criterion_without_metric, frozenset({"quality.standard", REPORT})),
    Lapse("somebody has not read the plan", somebody_new, frozenset({"communication.internal", REPORT})),
    Lapse(
        "a guard edited after the proof",
        edited_after_the_proof,
        frozenset({"risk.rate", "testing.monitoring", REPORT}),
    ),
    Lapse(
        "a window moved without a word",
        moved_without_a_word,
        frozenset(
            {
                "communication.internal",
                "communication.hand_offs",
                "time.replan",
                "time.report",
                "time.progress",
                REPORT,
            }
        ),
    ),
    Lapse("a hand-over refused", refused, frozenset({"communication.hand_offs"})),
    Lapse("a report that nobody has received", sent_again, frozenset({REPORT})),
    Lapse("a lesson without an action", lesson_without_action, frozenset({"improvement.plan"})),
    Lapse("an action that is not done", action_not_done, frozenset({"improvement.do"})),
    Lapse("answers that take six hours", slow_answers, frozenset({"team.teamwork"})),
    Lapse("a load that is not carried", too_slow, frozenset({"testing.performance", "risk.respond"})),
    Lapse("a drill that fails", drill_that_fails, frozenset({"backup.drill", "risk.respond"})),
    Lapse("an empty backup", empty_backup, frozenset({"backup.data"})),
    Lapse("an open port", an_open_port, frozenset({"security.measures"})),
    Lapse("another name on the pages", another_name, frozenset({"brand.maintain"})),
    Lapse("a check that reaches nobody", nobody_there, frozenset({"compliance.checks"})),
    Lapse("a copy of the day before yesterday", a_day_and_a_half, frozenset({"backup.data", "backup.system"})),
    Lapse(
        "teamwork is not registered",
        nothing,
        frozenset(
            {
                *("communication.internal", "communication.hand_offs", "team.teamwork", REPORT),
                *("improvement.plan", "improvement.do"),
            }
        ),
        prefix=without("unfelt.engines.teamwork"),
    ),
    Lapse(
        "planning is not registered",
        nothing,
        frozenset(
            {
                *("planning.window", "quality.standard", "risk.respond", "time.progress", "time.report"),
            }
        ),
        prefix=without("unfelt.engines.planning"),
    ),
)


def chosen(seed: int, *, nightly: bool) -> Sequence[Lapse]:
    """Four by the seed, or all of them."""
    return LAPSES if nightly else random.Random(seed).sample(LAPSES, EACH_RUN)  # noqa: S311  (nothing is a secret)


def play(company: Company, lapses: Sequence[Lapse]) -> list[str]:
    """A line for each that did otherwise than it has to."""
    wrong = []
    before = company.states["close"]
    for one in lapses:
        with tempfile.TemporaryDirectory(prefix="mission-lapse-") as place:
            lost = lost_by(one, company, Path(place), before)
        is_right = lost == one.named
        missing, more = sorted(one.named - lost), sorted(lost - one.named)
        company.say(f"{'✓' if is_right else '✗'} lapse: {one.what}: {', '.join(sorted(lost)) or 'nothing'} fails")
        if not is_right:
            wrong.append(f"{one.what}: not {', '.join(missing) or '–'}; {', '.join(more) or '–'} besides")
    return wrong


def lost_by(lapse: Lapse, company: Company, place: Path, before: dict[str, Any]) -> frozenset[str]:
    """The items that were answered before the lapse, or lit, and are not after it."""
    at = Set(company.stage.copy(place / "set"), company)
    lapse.act(at)
    after = {one["control"]: one for one in at.stage.gates(prefix=lapse.prefix)["controls"]}
    return frozenset(name for name, one in before.items() if _worth(after[name]) < _worth(one))


def _worth(one: dict[str, Any]) -> int:
    if one["state"] not in ANSWERED:
        return 0
    return 2 if is_lit(one) else 1


def is_lit(one: dict[str, Any]) -> bool:
    """It passes by what was observed or derived."""
    return one["state"] == "pass" and one["origin"] in LIT
