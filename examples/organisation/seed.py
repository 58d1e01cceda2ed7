"""A small organisation with everything under way: python examples/organisation/seed.py DIRECTORY

DIRECTORY gets the plans, and in .unfelt the records: a standard change ready to go, a normal one whose customers
are being moved, an emergency with its debts, a major one half-way, and a programme of which some is overdue. All
that is on record was found by the commands in commands.txt; two rollouts are on paper.
"""

import argparse
import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from unfelt.cli import main as unfelt
from unfelt.conf.language import set_language
from unfelt.documents.load import load_change
from unfelt.rollout.decide import State
from unfelt.testing.paper import Circumstances, PaperRollout

HERE = Path(__file__).resolve().parent
PEOPLE = {
    "lin": ("owner", "requester"),
    "wang": ("operator",),
    "zhao": ("change_manager", "approver"),
    "chen": ("agent", "auditor"),
}
PAGES = {
    "/help": "Call us from 8 to 20 o'clock, or write.",
    "/contact": "Shop, 1 New Street",
    "/privacy": "Privacy notice",
}


def seed(place: Path) -> None:
    """Everything into the directory, which must not be there yet."""
    shutil.copytree(HERE, place, ignore=shutil.ignore_patterns("__pycache__", "seed.py", "commands.txt"))
    before = Path.cwd()
    os.chdir(place)
    try:
        with _pages() as port, _looking_here():
            for file in Path().glob("*.yaml"):
                file.write_text(_dated(file.read_text().replace("PORT", str(port))))
            for line in (HERE / "commands.txt").read_text().splitlines():
                if line and not line.startswith("#"):
                    play(line)
            _on_paper()
            play("1 gates hotfix.yaml --gate close")
    finally:
        os.chdir(before)


def play(line: str) -> None:
    """The exit code that is due and the command; another one ends it all."""
    now = datetime.now(UTC)
    days = {f"days{n}": (now - timedelta(days=n)).isoformat() for n in (20, 40, 60, 200)}
    two = "--by zhao@shop.example --agreed-by lin@shop.example --for 14d"
    due, _space, words = line.format(python=sys.executable, by_two=two, **days).partition(" ")
    if due == "@":
        _in_the_console(*words.split())
        return
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = _run(shlex.split(words))
    if code != int(due):
        raise SystemExit(f"unfelt {words}: exit code {code}, and {due} was due\n{said.getvalue()}")


def _dated(text: str) -> str:
    """With days counted from today: `"DAY+5"` is midnight in five days, in UTC."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return re.sub(r"DAY([+-]\d+)", lambda one: f"{today + timedelta(days=int(one[1])):%Y-%m-%dT%H:%MZ}", text)


def _people() -> None:
    """The members of the house."""
    from unfelt.engines.people.actions import add_member

    for name, roles in PEOPLE.items():
        add_member(f"{name}@shop.example", roles=roles, by="root", at=datetime.now(UTC))


def _in_the_console(what: str, change: str, *given: str) -> None:
    """What somebody did there: they were added, read the plan, or accepted what belongs to them."""
    if what == "members":
        _people()
        return
    from unfelt.engines.ledger.standards import catalog_of
    from unfelt.engines.teamwork.acknowledgements import acknowledge
    from unfelt.engines.teamwork.answers import accept
    from unfelt.records.models import ChangeRow, Member

    *about, name = given
    said = {"seen": ChangeRow.objects.get(name=change).revision_id, "by": Member.objects.get(name=name)}
    if what == "read":
        acknowledge(change, **said, at=datetime.now(UTC))
    else:
        accept(change, *about, catalog_of(), **said, at=datetime.now(UTC))


def _run(words: list[str]) -> int:
    try:
        return int(unfelt.main(words, prog_name="unfelt", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code


def _on_paper() -> None:
    """The emergency went over and was done; customers of the split are being moved."""
    home, now = Path(".unfelt"), datetime.now(UTC)
    for file, seconds, state in (("hotfix.yaml", 900, State.DONE), ("split.yaml", 240, None)):
        began = now - timedelta(seconds=seconds)
        rollout = PaperRollout(home, seed=7, given=Circumstances(), change=load_change(Path(file)), began=began)
        for second in range(1, seconds):
            at = began + timedelta(seconds=second)
            if not rollout.look(at=at) or rollout.journal.standing().state is state:
                break
        rollout.sealer.seal(at=at)


@contextlib.contextmanager
def _looking_here() -> Iterator[None]:
    """Within the block probes may look at this machine."""
    before = os.environ.get("UNFELT_NETWORKS", "")
    os.environ["UNFELT_NETWORKS"] = f"{before},example=127.0.0.1/32"
    try:
        yield
    finally:
        os.environ["UNFELT_NETWORKS"] = before


@contextlib.contextmanager
def _pages() -> Iterator[int]:
    """The pages that are looked at from outside, on a free port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = PAGES.get(self.path, "").encode()
            self.send_response(200 if text else 404)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_words: object) -> None:
            """Nothing is said about it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def main() -> None:
    """Into the directory that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    place = parser.parse_args().directory
    if place.exists():
        parser.error(f"{place} is there already: name a directory that is not")
    set_language("en")
    seed(place)
    print(f"Look around: cd {place} && unfelt gates split.yaml; unfelt programme; unfelt compliance orders.yaml")


if __name__ == "__main__":
    main()
