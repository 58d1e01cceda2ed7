"""An export of a rollout holds rows of requests that had only begun: they are no missing outcomes."""

from dataclasses import replace
from datetime import timedelta

import exports
import histories
import pytest

from unfelt.adapters.sources.history import take_history
from unfelt.adapters.sources.replay import Replay
from unfelt.engines.guard.judging import judge

WHOLE = exports.COLUMNS
DOCUMENTED = tuple(name for name in WHOLE if name not in ("type", "id", "method"))
"""What docs/how-to/judge-recorded-traffic.md exports."""
BARE = ("time", "customer", "arm", "share", "status")
METRICS = [
    {"id": "failed", "bad": "status >= 500", "margin": "3%"},
    {"id": "slow", "bad": "duration_ms > 1000", "margin": "3%"},
]


def plan(*, observe="5s", metrics=None):
    """Judged by status, and by how long it took where the table says that."""
    change = histories.plan(
        customer="column:customer", observe=observe, later=[], segments=[], metrics=metrics or METRICS
    )
    guard = change.guard.model_copy(update={"must_see": (), "impact_budget": 150})
    return change.model_copy(update={"guard": guard})


def judged(path, change=None):
    """The judgement as JSON, and its account apart."""
    change = change or plan()
    with Replay(change, [path], share=None, secret=b"s" * 32) as replay:
        found = judge(change, replay.batches(), segments=replay.segments, account=replay.account).plain()
    account = found.pop("account")
    return found, {name: sum(arm[name] for arm in account["arms"].values()) for name in account["arms"]["new"]}


@pytest.mark.parametrize("columns", [WHOLE, DOCUMENTED], ids=["whole", "documented"])
@pytest.mark.parametrize("name", ["data.parquet", "data.csv"])
@pytest.mark.parametrize(("worse", "final"), [(0.0, "promote"), (0.1, "back")])
def test_an_export_is_judged_as_its_ends_alone(tmp_path, columns, name, worse, final):
    """Whatever the file, and whether it says which rows are beginnings or not."""
    ends = exports.requests(worse=worse)
    rows = exports.with_starts(ends)
    found, account = judged(exports.write(tmp_path / name, rows, columns=columns))
    expected, _ = judged(exports.write(tmp_path / f"ends-{name}", ends, columns=columns))
    assert found == expected
    assert (found["final"], account["unknown"]) == (final, 0)
    assert (account["lines"], account["besides"]) == (len(rows), len(rows) - len(ends))
    assert account["lines"] == account["read"] + account["duplicate"] + account["besides"]


def test_the_status_alone_is_enough(tmp_path):
    """An export of what the metrics use has no other column that is known at the end."""
    change, ends = plan(metrics=METRICS[:1]), exports.requests()
    found, account = judged(exports.write(tmp_path / "a.csv", exports.with_starts(ends), columns=BARE), change)
    assert (found["final"], account["unknown"], account["besides"] > 100) == ("promote", 0, True)


@pytest.mark.parametrize("columns", [WHOLE, DOCUMENTED], ids=["whole", "documented"])
def test_a_request_that_was_never_answered_is_a_missing_outcome(tmp_path, columns):
    """Once, however often its beginning was written down; it counts as bad."""
    ends = exports.requests()
    open_ones = [exports.begun(one) for one in ends[500:510]]
    rows = exports.with_starts([*ends[:500], *ends[510:]])
    rows[600:600] = [one for one in open_ones for _ in range(3)]
    _, account = judged(exports.write(tmp_path / "a.parquet", rows, columns=columns))
    assert (account["unknown"], account["lines"] - account["besides"]) == (10, len(ends))


@pytest.mark.parametrize("columns", [WHOLE, DOCUMENTED], ids=["whole", "documented"])
def test_what_was_under_way_when_the_recording_ended_is_left_out(tmp_path, columns):
    """Nothing is known of it, neither good nor bad."""
    ends = exports.requests()
    after = [exports.row(9000 + n, seconds=400 + n / 100, arm="new", took=900.0) for n in range(50)]
    rows = exports.with_starts(ends) + [exports.begun(one) for one in after]
    _, account = judged(exports.write(tmp_path / "a.parquet", rows, columns=columns))
    assert (account["unknown"], account["read"]) == (0, len(ends))


def test_a_missing_outcome_is_no_beginning(tmp_path):
    """Rows without a status, of customers who have no other row at that moment, count as bad."""
    ends = exports.requests(many=400)
    rows = [exports.begun(one) | {"type": "end"} if n % 10 == 0 else one for n, one in enumerate(ends)]
    _, account = judged(exports.write(tmp_path / "a.csv", rows, columns=DOCUMENTED))
    assert (account["unknown"], account["besides"]) == (40, 0)


def test_times_in_whole_seconds_tell_no_request_from_another(tmp_path):
    """Two rows of a customer in one second are two requests: an outcome that got lost stays lost."""
    ends = [one | {"time": one["time"].replace(microsecond=0)} for one in exports.requests(many=400)]
    rows = [*ends, *map(exports.begun, ends[:40])]
    _, account = judged(exports.write(tmp_path / "a.csv", rows, columns=DOCUMENTED))
    assert (account["unknown"], account["besides"]) == (40, 0)


def test_a_column_called_type_may_say_anything(tmp_path):
    """It says what a row is only where all its values are those of a router's log."""
    ends = [one | {"type": "start" if n % 2 else "checkout"} for n, one in enumerate(exports.requests(many=400))]
    _, account = judged(exports.write(tmp_path / "a.csv", ends))
    assert (account["read"], account["besides"]) == (400, 0)


@pytest.mark.parametrize("columns", [WHOLE, DOCUMENTED], ids=["whole", "documented"])
def test_a_calibration_plays_an_export_as_its_ends_alone(tmp_path, columns):
    """The same requests at the same times, with the same answers."""
    ends = exports.requests()
    paths = [
        exports.write(tmp_path / f"{name}.parquet", rows, columns=columns)
        for name, rows in (("all", exports.with_starts(ends)), ("ends", ends))
    ]
    found, expected = (take_history(plan(), [path], secret=b"s" * 32) for path in paths)
    assert found.account.total("unknown") == 0
    assert replace(found.account, arms={}) == replace(expected.account, arms={})
    assert (found.time == expected.time).all()
    assert all((one == other).all() for one, other in zip(found.answers, expected.answers, strict=True))


def test_a_beginning_in_one_file_and_its_end_in_the_next_are_one_request(tmp_path):
    """As in the experience directory of a rollout, which has the id of every request."""
    ends = [one | {"arm": "old"} for one in exports.requests(many=400)]
    rows = [exports.begun(one) for one in ends[::20]]
    exports.write(tmp_path / "batch-000000001.parquet", [*ends[1::2], *rows])
    exports.write(tmp_path / "batch-000000002.parquet", ends[::2])
    history = take_history(plan(), [tmp_path], secret=b"s" * 32)
    assert (len(history.time), history.account.total("unknown")) == (400, 0)


def test_ends_of_an_older_unfelt_are_known(tmp_path):
    """DownstreamStart and DownstreamEnd say the same."""
    ends = exports.requests(many=400)
    rows = [one | {"type": f"Downstream{one['type'].capitalize()}"} for one in exports.with_starts(ends)]
    _, account = judged(exports.write(tmp_path / "a.parquet", rows))
    assert (account["read"], account["besides"]) == (400, len(rows) - 400)


def test_a_long_answer_makes_nothing_look_under_way_for_ever(tmp_path):
    """Requests without an answer ten minutes before the end stay missing, beside an answer that took longer."""
    ends = [
        one | {"time": exports.BEGAN + 3 * (one["time"] - exports.BEGAN)} for one in exports.requests(many=400)
    ]
    ends.append(exports.row(5000, seconds=20, took=1_100_000.0))
    rows = [*ends, *(exports.begun(exports.row(6000 + n, seconds=600)) for n in range(5))]
    _, account = judged(exports.write(tmp_path / "a.parquet", rows))
    assert account["unknown"] == 5


def test_windows_hold_an_unanswered_request_as_a_rollout_would(tmp_path):
    """Its customer is bad when the window closes, and not before."""
    ends = exports.requests(many=400)
    rows = [*ends, exports.begun(exports.row(7000, seconds=100.5, arm="new"))]
    change = plan()
    with Replay(change, [exports.write(tmp_path / "a.parquet", rows)], share=None, secret=b"s" * 32) as replay:
        told = [one for one in replay.batches() if one.intake.unknown]
    assert [(one.until - exports.BEGAN) // timedelta(seconds=1) for one in told] == [106]
    assert sum(one.bad for one in told[0].tallies if one.metric == "failed" and one.arm == "new") == 1
