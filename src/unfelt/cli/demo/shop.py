"""The example shop and its customers, as processes of their own; unfelt knows them by address only."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from unfelt.conf.language import _

PATIENCE = 20
"""Seconds that a part of the shop may take to stop."""


def examples() -> Path:
    """The directory that holds the shop: beside the package where it was installed, or in the checkout."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / "examples", package.parents[1] / "examples"):
        if (place / "shop").is_dir() and (place / "organisation").is_dir():
            return place
    raise click.ClickException(_("The example shop is not installed. Run `make demo` in a checkout of unfelt."))


@contextmanager
def shop(data: Path, *, build: str) -> Iterator[tuple[str, str]]:
    """Both versions of the shop are up, at the addresses given (old, new); they are gone afterwards."""
    where = ("--port", "0", "--data", str(data))
    with (
        _running("shop.serve", "old", *where) as old,
        _running("shop.serve", "new", *where, "--build", build) as new,
    ):
        yield _address(old), _address(new)
        old.terminate()


@contextmanager
def customers(address: str, *, rate: float, seed: int) -> Iterator[None]:
    """Customers arrive there, so many a second, until the block ends; then all leave at once."""
    with _running("shop.traffic", "--to", address, "--rate", str(rate), "--seed", str(seed)) as traffic:
        yield
        traffic.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101  (it was asked for)
    line = process.stdout.readline()
    if not line.startswith("ready "):
        raise click.ClickException(_("The shop did not start; its own words are above."))
    return line.split()[1]


@contextmanager
def _running(module: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", module, *options, "--parent", str(os.getpid())]
    environment = {**os.environ, "PYTHONPATH": str(examples())}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
