"""The mission: python -m mission.play [--seed N] [--work DIRECTORY]

One change of the shop from need to close, through the command line, the API and the pages alone, in an installation
that was born as a mission store. The last line says how many of the eighty items were answered, and how.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from mission import truth
from mission.acts import closing, moving, need, rehearsal
from mission.company import Company, must, written
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
    """Everybody is a member, let in by the link that an admin was shown, with a password and a token of their own."""
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


def compared(company: Company) -> None:
    """What was estimated beside what was true: the truth is opened now."""
    evidence = company.states["close"].get("team.teamwork", {})
    why = str(evidence.get("why", ""))
    company.estimates.append(
        ("nine of ten answers", why or "–", f"{need.true_p90(company):.0f} min (observed, simulated people)")
    )
    print("\nEstimate beside truth")
    for what, estimate, true in company.estimates:
        print(f"  {what}: {estimate}; truth: {true}")


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
    compared(company)
    print(f"\nPlayed in {time.monotonic() - began:.0f} s", flush=True)
    table = [sys.executable, str(Path(__file__).with_name("table.py")), str(file)]
    truth_file = ("--truth", str(company.stage.place / "truth.json"))
    sys.exit(subprocess.run([*table, *truth_file], check=False).returncode)


if __name__ == "__main__":
    main()
