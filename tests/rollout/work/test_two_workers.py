"""Two workers over the same records, in SQLite and PostgreSQL: nothing is done twice or left undone."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from databases import kill, postgresql, revive
from several import House, freeze, here, until

from unfelt.engines.jobs import jobs

pytestmark = pytest.mark.slow
KEYS = tuple(f"k{n}" for n in range(100))


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, home: Path) -> Iterator[House]:
    """Records of its own."""
    if request.param == "sqlite":
        yield here(home)
        return
    with postgresql(home / "pg") as server:
        yield House(server.get_uri(), home)


def doubled(lines: list[tuple[int, str]]) -> dict[str, int]:
    """What was done more than once."""
    return {said: n for said, n in Counter(said for _pid, said in lines).items() if n > 1}


def test_two_workers_do_each_tick_and_each_job_once(house: House):
    """Both have a part of it."""
    house.asks("mark", *KEYS)
    with house.worker("tick", "mark"), house.worker("tick", "mark"):
        until(lambda: len(house.lines("k")) == len(KEYS) and len(house.lines("T")) >= 100, within=90)
    ticks, marks = house.lines("T"), house.lines("k")
    assert (doubled(ticks), doubled(marks)) == ({}, {})
    assert len(marks) == len(KEYS)
    assert len({pid for pid, _said in ticks + marks}) == 2
    assert house.does("print(JobRun.objects.filter(job='mark', state='done').count())") == str(len(KEYS))
    assert house.does("print(JobRun.objects.filter(job='tick').count(), WorkerRow.objects.count())") == "1 0"


def test_a_worker_that_is_killed_in_the_middle_is_taken_over_where_it_was(house: House):
    """Its steps that were put on record are not done again; the one in flight is."""
    house.asks("steps", "once")
    with house.worker("steps") as first:
        until(lambda: house.lines("step 15"))
        os.kill(first.pid, signal.SIGKILL)
    killed = time.monotonic()
    with house.worker("steps") as second:
        until(lambda: [line for line in house.lines("step") if line[0] == second.pid])
        taken_over = time.monotonic() - killed
        until(lambda: house.lines("step 39"))
        until(lambda: house.run_of("steps")["state"] == "done")
    again = doubled(house.lines("step"))
    assert set(again.values()) <= {2}
    assert len(again) <= 12  # What the last second did not put on record yet.
    assert {said for _pid, said in house.lines("step")} == {f"step {n}" for n in range(40)}
    last = house.run_of("steps")
    assert [last[name] for name in ("state", "attempts", "done", "of")] == ["done", 2, 40, 40]
    assert taken_over < house.lease + 6


def test_a_worker_that_was_frozen_does_not_go_on_with_what_another_one_has(house: House):
    """It finds out when it thaws."""
    house.asks("steps", "once")
    with ExitStack() as stack:
        first = stack.enter_context(house.worker("steps"))
        until(lambda: house.lines("step 3"))
        freeze(first, house)
        second = stack.enter_context(house.worker("steps"))
        until(lambda: [line for line in house.lines("step") if line[0] == second.pid])
        os.kill(first.pid, signal.SIGCONT)
        until(lambda: house.run_of("steps")["state"] == "done")
        mine = [said for pid, said in house.lines() if pid == first.pid]
        assert mine[-1].startswith("returned at")
        assert house.run_of("steps")["attempts"] == 2


def test_workers_outlive_their_database(home: Path):
    """A server that died and came back: each tick is still done once."""
    with postgresql(home / "pg") as server:
        house = House(server.get_uri(), home)
        with house.worker("tick"), house.worker("tick"):
            until(lambda: len(house.lines("T")) > 20)
            kill(server)
            revive(server)
            before = len(house.lines("T"))
            until(lambda: len(house.lines("T")) > before + 20)
        assert doubled(house.lines("T")) == {}


def test_a_job_that_kills_its_worker_is_given_up(home: Path):
    """After as many attempts as it has: the workers that come later are left alone."""
    house = here(home)
    house.lease = 0.6
    house.asks("dies", "deadly")
    for _worker in range(2):
        with house.worker("dies") as process:
            assert process.wait(20) == -signal.SIGKILL
    with house.worker("dies") as process:
        until(lambda: house.run_of("dies")["state"] == "failed")
        assert process.poll() is None
    assert len(house.lines("deadly")) == 2


def test_asked_to_end_a_worker_leaves_its_job_to_another_within_seconds(home: Path):
    """As it stands, and at once: nobody waits for it to be taken for dead."""
    house = here(home)
    house.lease = 60
    house.asks("steps", "once")
    with house.worker("steps") as first:
        until(lambda: house.lines("step 12"))
        began = time.monotonic()
        first.send_signal(signal.SIGTERM)
        assert first.wait(10) == 0
        assert time.monotonic() - began < 4
    left = house.run_of("steps")
    assert (left["state"], left["attempts"], left["worker"]) == ("queued", 0, "")
    assert left["done"] >= 2
    with house.worker("steps"):
        until(lambda: house.run_of("steps")["state"] == "done")
    assert house.run_of("steps")["attempts"] == 1


def test_the_command_ends_within_seconds_and_does_what_is_due_once(home: Path):
    """`unfelt worker`, and `unfelt worker --once`."""
    command = ["unfelt", "--lang", "en", "worker", "--home", str(home)]
    place = Path(sys.executable).with_name("unfelt")
    once = subprocess.run([place, *command[1:], "--once"], capture_output=True, text=True, check=False)
    assert (once.returncode, once.stderr) == (0, "")
    house = House(f"sqlite:///{(home / 'records.db').resolve()}", home)
    timers = sum(1 for job in jobs().values() if job.every is not None)
    ticked = house.does("print(JobRun.objects.filter(state='queued').exclude(succeeded_at=None).count())")
    assert ticked == str(timers)
    process = subprocess.Popen([place, *command[1:]], stdout=subprocess.PIPE, text=True)
    assert "runs:" in next(line for line in process.stdout if "worker" in line)
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    process.stdout.close()
    assert (process.wait(10), "ends" in rest) == (0, True)
    assert house.does("print(WorkerRow.objects.count())") == "0"
