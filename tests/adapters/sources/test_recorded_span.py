"""A recording is bounded by its own span: a stray row neither stretches it nor is passed over."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import histories
import pytest

from unfelt.adapters.sources.replay import Replay
from unfelt.engines.guard.judging import judge

BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
PLAN = histories.plan(segments=[], later=[], metrics=[{"id": "failed", "bad": "status >= 500", "margin": "5%"}])
PLAN = PLAN.model_copy(update={"guard": PLAN.guard.model_copy(update={"must_see": ()})})


def recorded(path: Path, *strays: str, rows: int = 2000, seed: int = 1) -> Path:
    """A CSV file of rows over half an hour, and some that are dated elsewhere."""
    draw = random.Random(seed)
    lines = ["time,customer,arm,status"]
    for number in range(rows):
        at = BEGAN + timedelta(seconds=1800 * number / rows)
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},c{number},{draw.choice(('old', 'new'))},200")
    lines += [f"{time},s{number},new,200" for number, time in enumerate(strays)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("stray", ["9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-11-24T00:00:00Z"])
def test_a_row_dated_elsewhere_is_left_out_and_said(tmp_path: Path, stray: str):
    """The recording ends where it ends; one row is told as left out, of its arm."""
    with Replay(PLAN, [recorded(tmp_path / "rows.csv", stray)], share=0.5, secret=b"") as replay:
        batches = list(replay.batches())
    assert batches[0].intake.strays == {"impossible": {"new": 1}}
    assert BEGAN <= batches[-1].until <= BEGAN + timedelta(minutes=30)
    assert batches[-1].excluded["misdated"] == 1


def test_a_recording_without_strays_is_taken_in_whole(tmp_path: Path):
    """Also where it is short."""
    for rows in (5, 40, 2000):
        with Replay(PLAN, [recorded(tmp_path / "rows.csv", rows=rows)], share=0.5, secret=b"") as replay:
            batches = list(replay.batches())
        assert (sum(one.intake.lines for one in batches), batches[0].intake.strays) == (rows, {})


def test_what_was_left_out_stands_in_the_judgement(tmp_path: Path):
    """The judgement is that of the rest, and names the day on which it was recorded."""
    with Replay(
        PLAN, [recorded(tmp_path / "rows.csv", *["9999-12-31T00:00:00Z"] * 3)], share=0.5, secret=b""
    ) as replay:
        judged = judge(PLAN, replay.batches(), segments=replay.segments).plain()
    assert judged["at"][:10] == "2026-11-23"
    assert (judged["final"], judged["excluded"]["misdated"]) == ("promote", 3)


def test_many_rows_of_no_time_leave_nothing_to_believe(tmp_path: Path):
    """Where hundreds are dated after the year 2200, what is left is unmeasured."""
    with Replay(
        PLAN, [recorded(tmp_path / "rows.csv", *["9999-12-31T00:00:00Z"] * 300)], share=0.5, secret=b""
    ) as replay:
        judged = judge(PLAN, replay.batches(), segments=replay.segments).plain()
    assert (judged["final"], judged["at"][:10]) == ("unmeasured", "2026-11-23")
