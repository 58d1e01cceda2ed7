"""`verify` says what is so while the records are locked, the guard is killed or frozen, and others write on."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from databases import postgresql
from frailty import (
    LONGEST,
    Told,
    Verifier,
    Ward,
    decisions,
    empty_database,
    empty_records,
    locked,
    play,
    prepared,
    prepared_on,
    summary,
)
from living import until
from simulated import Simulation, ended_by_hand, hold, processes
from stepwise import STRIKES, UNHEARD, several
from tampering import bodies, rewrite, tampered

from unfelt.testing.paper import Circumstances

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
AT_ONCE = 2
SEEDS = (0, 1, 4, 5, 1009, 1105)
"""In the last two somebody agrees, after a seal, to what was proposed before it."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records with nothing in them."""
    return empty_records(tmp_path_factory.mktemp("empty") / "records.db")


def played(seeds: range, one: Callable[[int], Told]) -> list[Told]:
    """What came of each seed, two side by side."""
    with ThreadPoolExecutor(AT_ONCE) as stage:
        told = list(stage.map(one, seeds))
    print("", summary(told), sep="\n")
    return told


def on_files(tmp_path: Path, empty: Path, seeds: range, *, times: int) -> list[Told]:
    """One rollout for each seed, its records in a file."""
    return played(seeds, lambda seed: play(prepared(tmp_path / str(seed), seed=seed, template=empty), times=times))


def stepped(tmp_path: Path, empty: Path, seeds: Sequence[int], strikes: Sequence[str] = STRIKES) -> list[int]:
    """The seeds for which something did not hold; two processes share them out."""
    pipes = []
    for number, some in enumerate((seeds[::2], seeds[1::2])):
        ours, theirs = processes.Pipe(duplex=False)
        given = (tmp_path / str(number), empty, some, theirs, strikes)
        processes.Process(target=several, args=given, daemon=True).start()
        theirs.close()
        pipes.append((ours, len(some)))
    told = [pipe.recv() for pipe, n in pipes for _one in range(n)]
    live = [found for one in told for found in one.live]
    print(f"{sum(not found for found in live)} of {len(live)} verifications live")
    return unclean(told)


def on_servers(tmp_path: Path, seeds: range, *, times: int) -> list[Told]:
    """One rollout for each seed, its records in a PostgreSQL that may be killed too."""

    def one(seed: int) -> Told:
        with postgresql(tmp_path / str(seed)) as server:
            empty_database(server)
            return play(prepared_on(server, tmp_path / str(seed) / "home", seed=seed), times=times, server=server)

    return played(seeds, one)


@contextmanager
def at_work(rollout: Simulation) -> Iterator[tuple[Ward, Verifier]]:
    """A guard is at work on it, verified all the while, until the block ends."""
    ward, verifier = Ward(rollout), Verifier(rollout)
    try:
        yield ward, verifier
    finally:
        ward.guard.kill()
        ward.guard.join()
        verifier.found.append(verifier.last())


def decided_more(rollout: Simulation, n: int) -> None:
    """So many decisions more are on record."""
    wanted = len(decisions(rollout.database)) + n
    until(lambda: len(decisions(rollout.database)) >= wanted, what=f"{n} decisions more")


def endless(rollout: Simulation) -> Simulation:
    """The same, harmless and never proved."""
    return replace(rollout, given=Circumstances())


def lapses(rollout: Simulation) -> int:
    """How many are on record."""
    with closing(sqlite3.connect(rollout.home / "records.db")) as records:
        return len(bodies(records, "lapse"))


def unclean(told: Sequence[Any]) -> list[int]:
    """The seeds for which something did not hold."""
    return [one.seed for one in told if not one.is_clean]


def test_locks_kills_and_freezes_at_random_moments_leave_a_ledger_that_verifies(tmp_path: Path, empty: Path):
    """Live at every moment and after the end; every batch was judged once and in order."""
    assert unclean(on_files(tmp_path, empty, range(4), times=3)) == []


def test_so_does_a_postgresql_that_is_locked_or_killed(tmp_path: Path):
    """One table is held by somebody else, or the server dies under the guard."""
    assert unclean(on_servers(tmp_path, range(2), times=3)) == []


def test_between_any_two_statements_a_rollout_may_be_hurt(tmp_path: Path, empty: Path):
    """Killed, frozen, locked, its clock set: what is on record verifies at that very moment, and at the end."""
    assert stepped(tmp_path, empty, SEEDS) == []


def test_what_a_database_kept_and_could_not_say_is_written_once(tmp_path: Path, empty: Path):
    """The answer to a commit is lost: no batch is judged twice, and what is on record verifies."""
    assert stepped(tmp_path, empty, range(4), UNHEARD) == []


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_two_hundred_rollouts_hurt_between_any_two_statements_verify(tmp_path: Path, empty: Path):
    """200 of 200, live and after."""
    assert stepped(tmp_path, empty, range(1000, 1200)) == []


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_eighty_rollouts_of_real_processes_under_failure_verify(tmp_path: Path, empty: Path):
    """80 of 80, live and after."""
    assert unclean(on_files(tmp_path, empty, range(1000, 1080), times=4)) == []


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_forty_rollouts_on_postgresql_under_failure_verify(tmp_path: Path):
    """40 of 40, live and after."""
    assert unclean(on_servers(tmp_path, range(2000, 2040), times=4)) == []


def test_a_decision_that_spans_a_lapse_is_made_again(tmp_path: Path, empty: Path):
    """The records are locked for longer than the lease, three times: what was seen before is decided anew."""
    rollout = endless(prepared(tmp_path / "home", seed=1, template=empty))
    with at_work(rollout) as (ward, verifier):
        for _lock in range(3):
            decided_more(rollout, 4)
            with locked(rollout.database, ward.chance):
                time.sleep(LONGEST)
        decided_more(rollout, 4)
    assert lapses(rollout) >= 3
    assert [found for found in verifier.found if found] == []


def test_a_row_that_is_changed_while_the_rollout_goes_on_is_named(tmp_path: Path, empty: Path):
    """With every digest after it fitted: no chain of hashes tells, deciding again does."""
    rollout = endless(prepared(tmp_path / "home", seed=2, template=empty))
    with at_work(rollout) as (_ward, verifier):
        decided_more(rollout, 20)
        assert [found for found in verifier.found if found] == []
        changed: list[int] = []
        tampered(rollout.home / "records.db", lambda records: changed.append(one_more(records)), is_fitted=True)
        before = len(verifier.found)
        until(lambda: len(verifier.found) > before + 2, what="a verification after it")
        named = [f"entry {changed[0]}: " in " ".join(found) for found in verifier.found[before + 1 :]]
    assert set(named) == {True}


def one_more(records: sqlite3.Connection) -> int:
    """A decision in the middle, on record with one customer more."""
    looks = [one for one in bodies(records, "decision") if one[1]["tallies"]]
    sequence, body = looks[len(looks) // 2]
    body["tallies"][0][5] += 1
    rewrite(records, sequence, body)
    return sequence


def test_a_long_verification_hinders_nobody_and_sees_one_moment(tmp_path: Path, empty: Path):
    """While a snapshot is held the guard goes on deciding; the snapshot shows none of it and takes no write."""
    rollout = endless(prepared(tmp_path / "home", seed=3, template=empty))
    held, theirs = processes.Pipe()
    with at_work(rollout):
        decided_more(rollout, 3)
        reader = processes.Process(target=hold, args=(rollout.database, theirs))
        reader.start()
        first = held.recv()
        decided_more(rollout, 10)
        held.send("look again")
        again, refused = held.recv()
        reader.join()
    assert first == again
    assert "readonly" in refused or "read-only" in refused


@pytest.mark.parametrize("state", ["watching", "promoting"])
def test_taken_back_by_hand_before_the_next_look_the_seal_is_good(tmp_path: Path, state: str):
    """The guard that was just begun, or just promoted, has decided nothing yet: that is what was sealed."""
    home = tmp_path / "home"
    process = processes.Process(target=ended_by_hand, args=(home, state))
    process.start()
    process.join()
    assert process.exitcode == 0
    rollout = Simulation(home, f"sqlite:///{home.resolve()}/records.db", 1, Circumstances())
    assert Verifier(rollout).last() == ()
    with closing(sqlite3.connect(home / "records.db")) as records:
        assert [body["state"] for _sequence, body in bodies(records, "order")].count("back") == 1
