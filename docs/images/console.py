"""Pictures of the console: board, live page in every state and proof report, both languages, desktop and phone.

.venv/bin/python docs/images/console.py [DIRECTORY]    (Chromium has to be installed)
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "web" / "console"))
from browsing import DESKTOP, LANGUAGES, PHONE, chromium, opened
from serving import served, write_paper

HERE = Path(__file__).resolve().parent
STATES = {
    "prepared": ("--ticks", "0"),
    "baseline": ("--ticks", "3"),
    "proposed": ("--ticks", "20", "--mode", "advise"),
    "watching": ("--ticks", "40"),
    "promoting": ("--ticks", "200", "--wide", "--until", "promoting"),
    "soaking": ("--ticks", "200", "--wide", "--until", "soaking"),
    "done": ("--ticks", "200", "--wide", "--until", "done"),
    "spent": ("--ticks", "400", "--budget", "4", "--harm", "0.02", "--hold", "--until", "spent"),
    "unmeasured": ("--ticks", "40", "--silent", "30"),
    "back": ("--ticks", "60", "--harm"),
}
"""Each state of a rollout, and how one on paper gets there: its live page shows it."""
REPORTED = ("done", "back")
KEPT = ("watching",)
"""The pictures that are kept in this directory: desktop, both languages."""


def draw(directory: Path) -> None:
    """All pictures, each named by page, language and size."""
    directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place, chromium() as browser:
        home = Path(place) / "home"
        for number, options in enumerate(STATES.values()):
            write_paper(home, "--seed", str(number + 1), *options)
        pages = {"board": "/live/"}
        for number, state in enumerate(STATES):
            pages[state] = f"/rollouts/paper-{number + 1}/"
            if state in REPORTED:
                pages[f"report-{state}"] = f"/rollouts/paper-{number + 1}/report/"
        with served(home) as console:
            for language in LANGUAGES:
                for name, size in (("desktop", DESKTOP), ("phone", PHONE)):
                    with opened(browser, console, language=language, size=size) as page:
                        for title, path in pages.items():
                            page.goto(console.base + path)
                            page.screenshot(path=directory / f"{title}-{language}-{name}.png", full_page=True)


def main() -> None:
    """Into the directory named, or into this one those that are kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path, nargs="?")
    asked = parser.parse_args().directory
    if asked:
        draw(asked)
        return
    with TemporaryDirectory() as place:
        draw(Path(place))
        for title in KEPT:
            for language in LANGUAGES:
                drawn = Path(place) / f"{title}-{language}-desktop.png"
                (HERE / f"console-{title}-{language}.png").write_bytes(drawn.read_bytes())


if __name__ == "__main__":
    main()
