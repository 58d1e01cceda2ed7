"""What one worker does with what it has: in this process, over the records of the test run."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from several import until

from unfelt.adapters.channels import ChannelError
from unfelt.conf.language import Message
from unfelt.engines.jobs import Call, Job, UnknownJobError, job_named, jobs
from unfelt.records.models import JobRun, WorkerRow
from unfelt.rollout.work import queue
from unfelt.rollout.work.execution import Place
from unfelt.rollout.work.health import timers
from unfelt.rollout.work.history import FAILURES, NEWEST, clear
from unfelt.rollout.work.worker import Pace, Worker, working

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
QUICK = Pace(timedelta(seconds=0.01), timedelta(seconds=0.02), timedelta(seconds=5), timedelta(seconds=0.3))
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def records() -> Iterator[None]:
    """No run of other tests."""
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()
    yield
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()


@contextmanager
def at_work(*made: Job, pace: Pace = QUICK, say=lambda _line: None) -> Iterator[Worker]:
    """A worker with these jobs beside the test."""
    worker = Worker({job.name: job for job in made}, Place(Path("/nowhere"), "https://x"), pace=pace, say=say)
    with working(worker):
        yield worker


def asked(job: Job, key: str = "k", **arguments: object) -> JobRun:
    """By nobody in particular."""
    return queue.ask(job, key=key, by="", at=datetime.now(UTC), arguments=arguments)


def now_is(run: JobRun, state: str) -> bool:
    """It has come to that."""
    run.refresh_from_db()
    return run.state == state


def test_what_is_asked_for_twice_under_one_key_is_done_once():
    """Also after it was done."""
    done = []
    job = Job("add", Message("Add"), lambda call: done.append(call.arguments["n"]))
    with at_work(job):
        first = asked(job, n=1)
        until(lambda: now_is(first, "done"))
        again = asked(job, n=2)
        other = asked(job, "l", n=3)
        until(lambda: now_is(other, "done"))
    assert (again.pk, done) == (first.pk, [1, 3])


def test_who_asks_is_kept_as_a_token():
    """A name can be erased later, a token stays."""
    run = queue.ask(Job("x", Message("x"), lambda _call: None), key="k", by="ann", at=NOON)
    assert run.asked_by.startswith("person:")


def test_progress_is_seen_while_a_job_runs():
    """How many of how many, and a sentence."""
    seen, go_on = threading.Event(), threading.Event()

    def work(call: Call) -> Message:
        call.progress(3, 7, Message("third"))
        seen.set()
        go_on.wait(20)
        return Message("all of them")

    job = Job("long", Message("Long"), work)
    with at_work(job):
        run = asked(job)
        assert seen.wait(20)
        run.refresh_from_db()
        assert (run.state, run.done, run.of, run.note["text"]) == ("running", 3, 7, "third")
        go_on.set()
        until(lambda: now_is(run, "done"))
        assert run.note["text"] == "all of them"


def test_a_run_that_is_cancelled_returns_and_is_not_done():
    """At its next step; one that waits ends at once."""
    began = threading.Event()

    def work(call: Call) -> None:
        began.set()
        while not call.is_cancelled():
            threading.Event().wait(0.01)

    job = Job("endless", Message("Endless"), work)
    with at_work(job):
        run = asked(job)
        assert began.wait(20)
        assert queue.cancel(run.pk, job=job, now=datetime.now(UTC))
        until(lambda: now_is(run, "cancelled"))
    waits = asked(job, "later")
    assert queue.cancel(waits.pk, job=job, now=NOON)
    assert now_is(waits, "cancelled")
    assert not queue.cancel(waits.pk, job=job, now=NOON)


def test_a_run_that_was_cancelled_is_not_tried_again():
    """Neither after it failed meanwhile, nor by a worker that takes it over."""
    began, go_on = threading.Event(), threading.Event()

    def work(_call: Call) -> None:
        began.set()
        go_on.wait(20)
        raise RuntimeError

    job = Job("breaks", Message("Breaks"), work, wait=timedelta(seconds=0.01))
    with at_work(job, pace=replace(QUICK, grace=timedelta(seconds=20))):
        run = asked(job)
        assert began.wait(20)
        queue.cancel(run.pk, job=job, now=datetime.now(UTC))
        until(lambda: queue.to_cancel(JobRun.objects.get(pk=run.pk).worker))
        threading.Event().wait(0.1)
        go_on.set()
        until(lambda: now_is(run, "cancelled"))
    lost = asked(job, "lost")
    lease = timedelta(seconds=30)
    (claimed,) = queue.claim([job], worker="gone", now=datetime.now(UTC), lease=lease)
    queue.cancel(lost.pk, job=job, now=datetime.now(UTC))
    assert queue.claim([job], worker="next", now=claimed.run.heartbeat_at + 2 * lease, lease=lease) == []
    assert now_is(lost, "cancelled")


def test_a_run_that_does_not_hear_is_cancelled_without_it():
    """After the grace; what it does later counts for nothing."""
    began, go_on = threading.Event(), threading.Event()

    def work(_call: Call) -> Message:
        began.set()
        go_on.wait(20)
        return Message("late")

    job = Job("deaf", Message("Deaf"), work)
    with at_work(job):
        run = asked(job)
        assert began.wait(20)
        queue.cancel(run.pk, job=job, now=datetime.now(UTC))
        until(lambda: now_is(run, "cancelled"))
        go_on.set()
    assert now_is(run, "cancelled")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError(f"login of root with {SECRET} failed"), "RuntimeError at test_one_worker.py:LINE"),
        (ValueError(f"postgresql://root:{SECRET}@db/records"), "ValueError at test_one_worker.py:LINE"),
        (ChannelError(Message("the mail server refused: {code}", code=554)), "the mail server refused: 554"),
        (SystemExit(SECRET), "SystemExit at test_one_worker.py:LINE"),
    ],
)
def test_the_last_error_is_said_without_what_it_held(error, said):
    """A sentence of ours is shown, of anything else its kind and where it was raised; so in the log."""

    def fails(_call: Call) -> None:
        raise type(error)(*error.args)

    log: list[str] = []
    job = Job("fails", Message("Fails"), fails, retries=1, wait=timedelta(seconds=0.01))
    with at_work(job, say=log.append):
        run = asked(job)
        until(lambda: now_is(run, "failed"))
    where = re.sub(r":\d+$", ":LINE", str(Message.of(run.problem)))
    assert (where if "at " in said else str(Message.of(run.problem)), run.attempts) == (said, 2)
    assert log == [f"fails: {Message.of(run.problem)}"] * 2


def test_an_error_in_unfelt_says_where():
    """File and line, to be reported."""
    job = Job("asks", Message("Asks"), lambda _call: job_named("nothing") and None, retries=0)
    with at_work(job):
        run = asked(job)
        until(lambda: now_is(run, "failed"))
    assert "There is no job nothing" in str(Message.of(run.problem))
    other = Job("reads", Message("Reads"), lambda _call: Message.of({}), retries=0)
    with at_work(other):
        run = asked(other)
        until(lambda: now_is(run, "failed"))
    assert str(Message.of(run.problem)).startswith("KeyError at unfelt/conf/language.py:")


def test_a_job_that_hangs_is_given_up_and_others_go_on():
    """It is tried again, in another thread; what the first one does later counts for nothing."""
    go_on, ticks, begun = threading.Event(), [], []

    def hangs(_call: Call) -> None:
        begun.append(1)
        if len(begun) == 1:
            go_on.wait(20)

    stuck = Job("hangs", Message("Hangs"), hangs, longest=timedelta(seconds=0.2), wait=timedelta(seconds=0.01))
    good = Job("good", Message("Good"), lambda call: ticks.append(call.key), every=timedelta(seconds=0.02))
    with at_work(stuck, good):
        run = asked(stuck)
        until(lambda: len(begun) == 2)
        before = len(ticks)
        until(lambda: len(ticks) > before + 3)
        until(lambda: now_is(run, "done"))
        go_on.set()
    assert len(begun) == 2


def test_a_job_of_a_worker_that_is_not_heard_of_is_taken_over():
    """After the lease, and not before."""
    job = Job("lost", Message("Lost"), lambda _call: None)
    run = asked(job)
    (first,) = queue.claim([job], worker="one", now=datetime.now(UTC), lease=timedelta(seconds=30))
    soon, later = (first.run.heartbeat_at + timedelta(seconds=n) for n in (29, 31))
    assert queue.claim([job], worker="two", now=soon, lease=timedelta(seconds=30)) == []
    (second,) = queue.claim([job], worker="two", now=later, lease=timedelta(seconds=30))
    assert (second.run.pk, second.run.attempts) == (run.pk, 2)
    assert queue.beat([first], now=later) == set()
    assert not queue.end_well(first, None, now=later)
    assert queue.end_well(second, None, now=later)


def test_a_tick_without_anything_to_do_leaves_one_row_and_others_are_kept():
    """So that a timer of two seconds does not fill the records."""
    calls: list[str] = []

    def work(call: Call) -> Message | None:
        calls.append(call.key)
        return Message("sent: {n}", n=1) if len(calls) == 2 else None

    job = Job("tick", Message("Tick"), work, every=timedelta(seconds=0.02))
    with at_work(job):
        until(lambda: len(calls) > 5)
    assert len(set(calls)) == len(calls)
    rows = list(JobRun.objects.filter(job="tick").order_by("pk").values_list("state", "note__text"))
    assert rows[:1] == [("done", "sent: {n}")]
    assert [state for state, _note in rows].count("queued") == 1
    assert len(rows) == 2


def test_a_tick_that_is_wanted_now_is_due_now():
    """And whoever wants it is on record; one that runs is left alone."""
    job = Job("daily", Message("Daily"), lambda _call: None, every=timedelta(days=1))
    queue.keep_ticking([job], now=NOON + timedelta(days=1))
    run = queue.run_now(job, by="ann", now=NOON)
    assert (run.next_at, run.asked_by[:7]) == (NOON, "person:")
    assert len(queue.claim([job], worker="w", now=NOON, lease=timedelta(seconds=30))) == 1
    assert queue.run_now(job, by="ann", now=NOON) is None


def test_old_runs_are_cleared_away():
    """The newest of each job stay, and failures for a month."""
    for number in range(NEWEST + 50):
        state = "failed" if number < 20 else "done"
        ended = NOON - FAILURES + timedelta(hours=number - 10)
        JobRun.objects.create(job="old", key=str(number), state=state, asked_at=ended, next_at=ended, ended=ended)
    waits = asked(Job("old", Message("Old"), lambda _call: None))
    assert clear(now=NOON) == 40
    kept = set(JobRun.objects.filter(job="old").values_list("key", flat=True))
    assert kept == {waits.key, *map(str, range(10, 20)), *map(str, range(50, NEWEST + 50))}


def test_health_says_that_a_timer_has_not_ended_well_for_long(monkeypatch):
    """And why; where no worker runs nothing is said of any."""
    one = Job("one", Message("One"), lambda _call: None, every=timedelta(seconds=2))
    monkeypatch.setattr("unfelt.rollout.work.health.jobs", lambda: {"one": one})
    assert timers(now=NOON) == ()
    WorkerRow.objects.create(id="w", host="h", pid=1, began=NOON, seen_at=NOON)
    queue.keep_ticking([one], now=NOON)
    assert [health.is_alive for health in timers(now=NOON)] == [False]
    JobRun.objects.update(succeeded_at=NOON)
    assert [health.is_alive for health in timers(now=NOON + timedelta(seconds=100))] == [True]
    (claimed,) = queue.claim([one], worker="w", now=NOON, lease=timedelta(seconds=30))
    queue.end_failed(claimed, Message("it broke"), now=NOON)
    JobRun.objects.update(succeeded_at=NOON - timedelta(hours=1))
    (health,) = timers(now=NOON)
    assert str(health.state) == "does not run: it broke. It is tried again by itself"


def test_every_job_of_the_house_has_a_name_and_a_label():
    """Those that were threads of the console are among them; an unknown name is refused."""
    assert {"notifications", "webhooks", "signatures", "job-history", "sessions"} <= jobs().keys()
    with pytest.raises(UnknownJobError, match="webhooks"):
        job_named("nothing")
    assert replace(jobs()["webhooks"], retries=0).wait_after(2) == timedelta(seconds=10)
