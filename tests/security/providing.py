"""A real directory by OpenID Connect (oidc-provider from npm), as a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "oidc"
SOURCES = ("package.json", "package-lock.json", "directory.mjs")


@dataclass(frozen=True)
class Provider:
    """Where it is, and the file that says who is there."""

    url: str
    people: Path

    def knows(self, **people: dict[str, object]) -> None:
        """These and nobody else, by their subject."""
        self.people.write_text(json.dumps(people))


@contextmanager
def providing(place: Path, *, port: int, redirect: str) -> Iterator[Provider]:
    """It runs at that port until the block ends, and sends people back to that address alone."""
    people = place / "people.json"
    people.write_text("{}")
    program = installed() / "directory.mjs"
    command = ["node", str(program), str(port), redirect, str(people)]
    with (place / "directory.log").open("w") as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        try:
            assert any("ready" in line for line in process.stdout), (place / "directory.log").read_text()
            yield Provider(f"http://127.0.0.1:{port}", people)
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()


def installed() -> Path:
    """The program with what it needs, put beside the environment of these tests once.

    Without npm the tests are left out, unless they must run: UNFELT_TEST_OIDC=must.
    """
    if not shutil.which("npm") and os.environ.get("UNFELT_TEST_OIDC") != "must":
        pytest.skip("no npm here: apt-get install npm")
    place = Path(sys.prefix) / "oidc-provider"
    if not (place / "done").exists():
        place.mkdir(exist_ok=True)
        for name in SOURCES:
            shutil.copy(HERE / name, place / name)
        command = ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"]
        subprocess.run(command, cwd=place, check=True, capture_output=True)
        (place / "done").touch()
    shutil.copy(HERE / "directory.mjs", place / "directory.mjs")
    return place
