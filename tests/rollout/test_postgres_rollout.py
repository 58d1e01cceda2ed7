"""Records and workflows in PostgreSQL, by its URL."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from databases import hurry, postgresql
from living import HERE, asked, library, until, visited
from test_database import begun_together

AWAY = 25.0
"""Seconds for which the database is gone: the lease has run out long before."""


@pytest.mark.slow
def test_a_rollout_keeps_its_records_in_postgresql(tmp_path: Path):
    """Killed and begun again it goes on; the ledger verifies, and refuses to be changed."""
    with postgresql(tmp_path) as server:
        url = server.get_uri()
        with library(tmp_path / "home", database=url) as place, visited(place) as (guard, _record):
            until(lambda: place.state() == "watching", what="watching")
            guard.send(signal.SIGKILL)
            guard.end()
            again = place.run()
            assert (again.end(), again.report()["final"]) == (0, "done")
            watched = place.ask("watch", "--once")
            assert watched.stdout.splitlines()[-1] == "catalogue-1 has ended: done"
            verified = place.ask("verify")
            assert verified.returncode == 0, verified.stdout + verified.stderr
        with psycopg.connect(url) as connection:
            for statement in (
                "DELETE FROM records_entry",
                "UPDATE records_revision SET name = 'x'",
                "TRUNCATE records_checkpoint",
            ):
                with pytest.raises(psycopg.errors.RaiseException, match="is append-only"):
                    connection.execute(statement)
                connection.rollback()


@pytest.mark.slow
def test_a_database_that_is_gone_for_a_while_puts_customers_on_old_and_the_rollout_goes_on(
    tmp_path: Path,
):
    """Killed in mid-rollout and back later: nobody on new meanwhile, no decision lost or doubled."""
    with (
        postgresql(tmp_path) as server,
        library(tmp_path / "home", database=server.get_uri()) as place,
    ):
        with visited(place) as (guard, _record):
            until(lambda: asked(place.new) > 20, what="customers on new")
            os.kill(server.get_pid(), signal.SIGQUIT)  # An immediate shutdown, as of a machine that goes down.
            at = time.monotonic()
            until(lambda: time.monotonic() > at + AWAY - 5)
            before = asked(place.new)
            until(lambda: time.monotonic() > at + AWAY)
            on_new = asked(place.new) - before
            server.ensure_postgres_running()
            code = guard.end()
        assert (on_new, code, guard.report()["final"]) == (0, 0, "done")
        assert place.batches() == list(range(1, len(place.batches()) + 1))


@pytest.mark.slow
def test_a_console_and_its_guard_may_begin_at_once_in_postgresql_too(tmp_path: Path):
    """One of them makes the tables, the others wait for it."""
    with postgresql(tmp_path / "server") as server:
        assert begun_together(server.get_uri(), tmp_path) == [(0, "0")] * 4


INNER = (sys.executable, "-m", "pytest", "-q", "-m")
ROOMS = (
    *("engines/ledger", "engines/planning", "engines/teamwork", "rollout", "cli/test_gates.py"),
    "web/console/test_query_counts.py",
)
CONSOLE = (
    *("console/test_plans.py", "console/test_members.py", "console/test_asking_pages.py"),
    *("console/test_bad_input.py", "api/test_api.py", "api/test_api_asking.py"),
)


@pytest.mark.slow
def test_the_tests_of_the_records_hold_in_postgresql_too(tmp_path: Path):
    """The same tests, with the records of the test run in PostgreSQL."""
    rooms = [str(HERE.parent / room) for room in ROOMS]
    quick = [*INNER, "not slow and not nightly", "--basetemp", str(tmp_path / "inner"), *rooms]
    with postgresql(tmp_path) as server:
        hurry(server)
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE records")
        environment = {**os.environ, "UNFELT_TEST_DATABASE": server.get_uri("records")}
        ran = subprocess.run(
            quick, capture_output=True, text=True, env=environment, check=False, cwd=HERE.parents[1]
        )
    assert ran.returncode == 0, ran.stdout[-3000:]


@pytest.mark.nightly
def test_the_console_and_its_api_work_over_postgresql_too(tmp_path: Path):
    """The same tests of pages and scripts, each console with a database of its own."""
    rooms = [str(HERE.parent / "web" / room) for room in CONSOLE]
    with postgresql(tmp_path) as server:
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-m",
                "not nightly",
                "--basetemp",
                str(tmp_path / "inner"),
                *rooms,
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "UNFELT_TEST_SERVER": server.get_uri()},
            check=False,
            cwd=HERE.parents[1],
        )
    assert ran.returncode == 0, ran.stdout[-3000:]
