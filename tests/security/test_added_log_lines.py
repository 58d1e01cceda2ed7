"""Lines are added to the router's log: whatever they say, harm that is visible without them is not promoted."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from played_log import BEGAN, Play, line, plan, spelled

from unfelt.engines.guard.trouble import Lately

pytestmark = pytest.mark.slow

HARM = 0.2


@contextmanager
def played(harm: float = HARM, *, seed: int = 1, **more: Any) -> Iterator[Play]:
    with TemporaryDirectory() as directory:
        play = Play(Path(directory), harm, seed=seed, **more)
        try:
            yield play
        finally:
            play.close()


def newest(play: Play) -> list[bytes]:
    """Lines that the log holds already."""
    return [one + b"\n" for one in play.log.read_bytes()[-6000:].split(b"\n")[1:-1]]


def dated(play: Play, time: Any, n: int) -> list[bytes]:
    arms = [play.draw.choice(("old", "new")) for _ in range(n)]
    return [line(time, f"x{play.draw.random()}", arm, {"epoch": play.epoch}) for arm in arms]


def good(play: Play, n: int, **more: Any) -> list[bytes]:
    at = play.clocks.now + timedelta(seconds=0.5)
    arms = ["new" if play.draw.random() < play.share else "old" for _ in range(n)]
    return [line(at, f"x{play.draw.random()}", arm, {"epoch": play.epoch} | more) for arm in arms]


ADDED: dict[str, Callable[[Play, int], list[bytes]]] = {
    "an hour ahead": lambda p, n: dated(p, p.clocks.now + timedelta(hours=1), n),
    "a little ahead": lambda p, n: dated(p, p.clocks.now + timedelta(seconds=4), n),
    "year 9999": lambda p, n: dated(p, "9999-12-31T23:59:59.999999Z", n),
    "for ever": lambda p, n: dated(p, "infinity", n),
    "before all": lambda p, n: dated(p, "-infinity", n),
    "before the first": lambda p, n: dated(p, "0044-03-15T00:00:00Z", n),
    "an hour behind": lambda p, n: dated(p, p.clocks.now - timedelta(hours=1), n),
    "again": lambda p, n: newest(p)[-n:],
    "torn": lambda p, n: [one[: len(one) // 2] + b"\n" for one in good(p, n)],
    "two in one": lambda p, n: [one.rstrip() for one in good(p, n)],
    "half a line": lambda p, n: [one[: p.draw.randrange(1, len(one))] for one in good(p, n)],
    "no JSON": lambda p, n: [bytes(p.draw.randrange(256) for _ in range(40)) + b"\n" for _ in range(n)],
    "not a number": lambda p, n: [
        one.replace(b'"duration_ms": 3', b'"duration_ms": ' + p.draw.choice((b"NaN", b"1e400", b'"inf"', b"-1")))
        for one in good(p, n)
    ],
    "huge numbers": lambda p, n: [
        one.replace(b'"bytes": 10', b'"bytes": 9223372036854775807') for one in good(p, n, status=2**31 - 1)
    ],
    "wrong types": lambda p, n: good(p, n, customer=[1, {"a": None}], status="all", type=7, id=[]),
    "deep": lambda _p, n: [b"[" * 20_000 + b"\n", b'{"a":' * 20_000 + b"\n"] * n,
    "another epoch": lambda p, n: good(p, n, epoch=p.epoch + 7),
    "served by old": lambda p, n: [
        line(p.clocks.now, f"x{p.draw.random()}", "new", {"served": "old", "epoch": p.epoch}) for _ in range(n)
    ],
    "the other arm": lambda p, n: [
        one.replace(b'"arm": "new", "served": "new"', b'"arm": "old", "served": "old"')
        for one in newest(p)
        if b'"arm": "new"' in one
    ][:n],
    "unknown customers": good,
    "an arm that is none": lambda p, n: good(p, n, arm="mauve"),
}
"""What is added to the log, n at a time."""
SAID = {
    "an hour ahead": "dated later than the clock",
    "a little ahead": "dated later than the clock",
    "year 9999": "dated later than the clock",
    "for ever": "dated later than the clock",
    "before all": "hold a time or a number that cannot be",
    "before the first": "hold a time or a number that cannot be",
    "an hour behind": "came after the windows",
    "again": "answer requests that were answered before",
    "torn": "do not parse",
    "no JSON": "do not parse",
    "not a number": "hold a time or a number that cannot be",
    "huge numbers": "hold a time or a number that cannot be",
    "deep": "do not parse",
    "another epoch": "where the records have nobody",
    "served by old": "where the records have nobody",
    "the other arm": "answered before",
}
"""What the guard says of each."""


def test_without_added_lines_harm_is_found_and_its_absence_proved():
    """Both ways of the play are open, and neither says that anything is wrong with the log."""
    with played(0.0) as sound, played() as harmful:
        assert (sound.run(60), sound.troubles) == ("promote", [])
        assert (harmful.run(60), harmful.troubles) == ("back", [])


def test_each_kind_of_line_that_no_sound_log_holds_is_unmeasured():
    """The look says what is wrong, and the log's clock does not pass the reader's."""
    with played(0.0) as play:
        play.run(2)
        for kind, said in SAID.items():
            play.lately, play.troubles[:] = Lately(), []
            play.second(*ADDED[kind](play, 8))
            assert play.decisions[-1].action == "unmeasured", kind
            assert said in play.troubles[0], (kind, play.troubles)
            until = play.batches[-1].until
            assert until is None or until <= play.clocks.now


@pytest.mark.parametrize("kind", ["year 9999", "another epoch", "served by old"])
def test_after_one_such_line_the_rollout_goes_on(kind: str):
    """One look is unmeasured and counts what was lost for its arm; later looks are what they would have been."""
    with played(0.0) as play:
        play.run(4)
        play.second(ADDED[kind](play, 1)[0])
        assert sum(n for arms in play.batches[-1].intake.strays.values() for n in arms.values()) == 1
        assert (play.run(60), len(play.troubles)) == ("promote", 1)


def test_a_single_line_does_not_close_windows():
    """Lines of customers are held back while others go on: the log's clock waits for several lines."""
    with played() as play:
        play.run(3)
        play.clocks.go_on(5)
        play.write([line(play.clocks.now, None, "none")])
        play.look()
        assert play.batches[-1].until <= BEGAN + timedelta(seconds=3)


def assaulted(seed: int, kinds: list[str], most: int, harm: float = HARM) -> Play:
    """The play under lines of these kinds, up to so many each second."""
    draw = random.Random(seed)

    def adding(play: Play, _number: int) -> list[bytes]:
        chosen = [kind for kind in kinds if draw.random() < 0.7]
        return [one for kind in chosen for one in ADDED[kind](play, draw.randint(1, most))]

    with played(harm, seed=seed) as play:
        play.run(14, adding=adding)
        return play


def check(seed: int, kinds: list[str], most: int) -> None:
    play = assaulted(seed, kinds, most)
    actions = [decision.action for decision in play.decisions]
    assert "promote" not in actions
    is_found = actions[-1] in ("back", "spent")
    assert is_found or "unmeasured" in actions[-5:], (actions, play.troubles[-3:])
    assert all(batch.until is None or batch.until <= play.clocks.now for batch in play.batches)


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 10**6),
    st.lists(st.sampled_from(sorted(ADDED)), min_size=1, max_size=4, unique=True),
    st.integers(1, 30),
)
def test_harm_that_is_visible_is_not_promoted_whatever_lines_are_added(seed: int, kinds: list[str], most: int):
    """It is found, or the log is not believed."""
    check(seed, kinds, most)


@pytest.mark.parametrize("kind", sorted(ADDED))
def test_no_kind_of_line_hides_harm(kind: str):
    """Each kind alone, few and many at a time."""
    for seed, most in ((3, 2), (4, 40)):
        check(seed, [kind], most)


@pytest.mark.nightly
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 10**6),
    st.lists(st.sampled_from(sorted(ADDED)), min_size=1, max_size=6, unique=True),
    st.integers(1, 60),
)
def test_harm_is_not_promoted_under_many_mixtures(seed: int, kinds: list[str], most: int):
    """The same for hundreds of mixtures."""
    check(seed, kinds, most)


def test_bytes_of_any_kind_never_stop_the_reader():
    """What cannot be read is counted, and the log is read on behind it."""
    draw = random.Random(8)
    with played(0.0) as play:
        play.run(2)
        for _ in range(6):
            size = draw.choice((1, 50, 3000))
            play.second(bytes(draw.randrange(256) for _ in range(size)) + b"\n")
        batch = play.batches[-1]
        assert batch.until is not None
        assert batch.until >= play.clocks.now - timedelta(seconds=3)


def test_a_time_is_written_as_the_router_writes_it():
    """The play's lines are those of the router."""
    assert spelled(BEGAN) == "2026-11-23T12:00:00.000000Z"


def begun(play: Play) -> Play:
    """Some seconds of a harmless time are over before harm comes."""
    play.harm = 0.0
    play.run(6)
    play.harm = HARM
    return play


@pytest.mark.parametrize("n", [40, 400])
def test_a_flood_of_invented_customers_is_unmeasured_by_the_routers_own_count(n: int):
    """Well-formed lines of customers that nobody met, whom nothing troubles: the router did not answer them."""
    with played(counts=True) as play:
        begun(play).run(12, adding=lambda play, _number: good(play, n))
        assert "promote" not in [decision.action for decision in play.decisions]
        assert all("the router did not give" in trouble for trouble in play.troubles)
        assert play.troubles


def test_a_single_flood_is_found_and_the_rollout_goes_on():
    """A harmless change: what was added once is said for some looks, the longer the more it was."""
    with played(0.0, counts=True, change=plan(unmeasured="60s")) as play:
        play.run(7)
        play.second(*good(play, 30))
        assert play.decisions[-1].action == "unmeasured"
        assert play.troubles == ["the log holds 30 answers that the router did not give"]
        assert play.run(90) == "promote"


def test_a_router_that_counts_doubts_no_sound_log():
    """Both ways of the play are open to it too."""
    with played(0.0, counts=True) as sound, played(counts=True) as harmful:
        assert (sound.run(60), sound.troubles) == ("promote", [])
        assert (harmful.run(60), harmful.troubles) == ("back", [])
