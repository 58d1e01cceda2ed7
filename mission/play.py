"""The mission: python -m mission.play [--seed N] [--work DIRECTORY]

One change of the shop from need to close, through the command line, the API and the pages alone, in a store that
was born as one of a mission; then lapses, each of which must make exactly the items fail that it names. The last
line says how many of the eighty items were answered, and how.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from mission import lapses, truth
from mission.acts import closing, moving, need, rehearsal
from mission.company import MOST_WAIVED, Company, must, written
from mission.players import Player, invited
from mission.stage import ORGANISATION, ROOT, Stage, arm, console, free_port

ROLES = {
    "lin": ("owner", "requester"),
    "wang": ("operator",),
    "zhao": ("change_manager", "approver"),
    "chen": ("agent",),
    "guo": ("auditor",),
}


def prepared(place: Path, seed: int) -> Company:
    """An empty installation, a mission store from its first entry, with the truth sealed beside it."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ORGANISATION, place, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "reports").mkdir()
    stage = Stage(place, {name: free_port() for name in ("OLD", "NEW", "LISTEN", "CLOSED")})
    drawn = truth.seal(place / "truth.json", seed)
    stage.unfelt("mission", "init", "truth.json", "--seed", str(seed))
    return Company(stage, seed, drawn)


def cast(company: Company, base: str, link: str) -> None:
    """Everybody is a member, let in by the link that an admin was shown, with password and token of their own."""
    admin = Player("admin", base)
    admin.come_by(link)
    must("Mission store" in admin.look("/"), "the page does not say that this is a mission store")
    for name, roles in ROLES.items():
        company.people[name] = invited(admin, f"{name}@shop.example", roles)
    admin.leave()


def played(company: Company) -> Path:
    """Every act; the exported ledger."""
    with console(company.stage) as (base, link):
        cast(company, base, link)
        company.say("act 1: need, plan, people")
        need.play(company)
        need.at_window(company)
        company.say("act 2: rehearsal")
        with arm(company.stage, "old"):
            rehearsal.play(company)
            rehearsal.let_go(company)
            company.say("act 3: an attempt with a fault")
            moving.first_attempt(company)
            moving.learned(company)
            company.say("act 4: an attempt without")
            moving.second_attempt(company)
            company.say("act 5: close")
            file = closing.play(company)
        for player in company.people.values():
            player.leave()
    return file


def compared(company: Company, file: Path) -> None:
    """What was estimated beside what was true: the truth is opened now."""
    bodies = [one["body"] for one in map(json.loads, file.read_text().splitlines()) if one["kind"] == "evidence"]
    took = [one["payload"]["numbers"] for one in bodies if one["control"] == "team.teamwork"]
    estimate = f"within {took[-1]['hand_over_p90'] / 60:.0f} min" if took else "–"
    truth_said = f"{need.true_p90(company):.0f} min (observed, simulated people)"
    print("\nEstimate beside truth")
    for what, found, true in [*company.estimates, ("nine of ten answers", estimate, truth_said)]:
        print(f"  {what}: {found}; truth: {true}")


def main() -> None:
    """Plays it, and prints the table; exit code 1 where anything went otherwise than it has to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "mission")
    parser.add_argument("--nightly", action="store_true", help="every lapse, and not four by the seed")
    options = parser.parse_args()
    began = time.monotonic()
    company = prepared(options.work.resolve(), options.seed)
    try:
        file = played(company)
    finally:
        moving.stop_router(company)
    written(company.stage.place / "states.json", company.states)
    company.say("lapses")
    wrong = lapses.play(company, lapses.chosen(options.seed, nightly=options.nightly))
    compared(company, file)
    said = tabled(company.stage.place, file)
    print(f"Played in {time.monotonic() - began:.0f} s\n{said}", flush=True)
    wrong += short_of(company, said)
    sys.exit("\n".join(wrong) if wrong else 0)


def short_of(company: Company, said: str) -> list[str]:
    """What is not as it has to be: too many waivers, or an item that no lapse has shown to fail."""
    waived = re.search(r"(\d+) waived", said)
    lit = {name for name, one in company.states["close"].items() if lapses.is_lit(one)}
    tried = {name for one in lapses.LAPSES for name in one.named} | set(moving.FAIL_BY_HARM)
    wrong = [f"no lapse shows that {name} can fail" for name in sorted(lit - tried)]
    if waived is None or int(waived[1]) > MOST_WAIVED:
        wrong.append(f"more than {MOST_WAIVED} controls are waived")
    return wrong


def tabled(place: Path, file: Path) -> str:
    """The table of the exported ledger is printed; its last line."""
    table = [sys.executable, str(Path(__file__).with_name("table.py")), str(file)]
    done = subprocess.run(
        [*table, "--truth", str(place / "truth.json")], capture_output=True, text=True, check=False
    )
    must(done.returncode == 0, done.stderr)
    lines = done.stdout.strip().splitlines()
    print("\n" + "\n".join(lines[:-1]))
    return lines[-1]


if __name__ == "__main__":
    main()
