"""Mail about accounts waits for its server as a job of the worker, and nobody who sees the job reads it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.mail import EmailMessage
from postbox import postbox
from several import until

from unfelt.adapters.sealed import KEY, CannotOpenError, opened, seal
from unfelt.engines.people.jobs import ACCOUNT_MAIL, JOBS
from unfelt.records.models import Entry, JobRun, WorkerRow
from unfelt.rollout.work.execution import Place
from unfelt.rollout.work.listing import run_of
from unfelt.rollout.work.worker import Pace, Worker, working
from unfelt.testing.ports import free_port
from unfelt.web.accounts.mailing import HouseMail

LINK = "https://unfelt.example/accounts/password/reset/key/1-s3cret/"
TO = "lin-waits@shop.example"
QUICK = Pace(timedelta(seconds=0.01), timedelta(seconds=0.02), timedelta(seconds=5), timedelta(seconds=0.3))
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def records() -> Iterator[None]:
    """No run and no worker of other tests; one worker is known to run."""
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()
    now = datetime.now(UTC)
    WorkerRow.objects.create(pk="elsewhere", host="x", pid=1, began=now, seen_at=now)
    yield
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()


def server(monkeypatch, port: int) -> None:
    monkeypatch.setenv("UNFELT_MAIL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("UNFELT_MAIL_FROM", "unfelt@shop.example")


def asked_for() -> JobRun:
    """A link for a new password; the run that is to send it."""
    assert HouseMail().send_messages([EmailMessage("New password", f"Follow {LINK}", to=[TO])]) == 1
    until(lambda: JobRun.objects.filter(job=ACCOUNT_MAIL.name).exists())
    return JobRun.objects.get(job=ACCOUNT_MAIL.name)


def a_worker(home: Path | None = None) -> Worker:
    return Worker({one.name: one for one in JOBS}, Place(home or site.UNFELT_HOME, "https://x"), pace=QUICK)


def state_of(run: JobRun) -> str:
    run.refresh_from_db()
    return run.state


def test_a_worker_sends_it_and_what_it_said_is_gone_then(monkeypatch):
    """While it waits, neither link nor address can be read in the records."""
    with postbox() as (box, port):
        server(monkeypatch, port)
        entries = Entry.objects.count()
        run = asked_for()
        kept = json.dumps([run.arguments, run.key, run_of(run.pk).plain()], default=str)
        assert ("s3cret" in kept, TO in kept, LINK in kept) == (False, False, False)
        with working(a_worker()):
            until(lambda: state_of(run) == "done")
        ((to, subject, text),) = box.mails
        assert (to, subject, LINK in text) == ([TO], "New password", True)
        assert (run.arguments, Entry.objects.count()) == ({}, entries)


def test_a_server_that_is_away_is_waited_for_by_whichever_worker(monkeypatch):
    """The one that failed first is gone; why it failed names nobody."""
    monkeypatch.setattr("unfelt.engines.jobs.Job.wait_after", lambda _job, _attempts: timedelta(0))
    server(monkeypatch, free_port())
    run = asked_for()
    with working(a_worker()):
        until(lambda: state_of(run) and run.attempts > 0 and run.problem)
    assert (TO in json.dumps(run.problem), "s3cret" in json.dumps(run.problem)) == (False, False)
    if state_of(run) == "failed":
        pytest.skip("the machine was so slow that every attempt was over")
    with postbox() as (box, port):
        server(monkeypatch, port)
        with working(a_worker()):
            until(lambda: state_of(run) == "done")
        assert [to for to, _subject, _text in box.mails] == [[TO]]


def test_what_is_never_sent_is_gone_too(monkeypatch, tmp_path):
    """A worker of another home cannot open it, and after the last attempt nobody can."""
    monkeypatch.setattr("unfelt.engines.jobs.Job.wait_after", lambda _job, _attempts: timedelta(0))
    with postbox() as (box, port):
        server(monkeypatch, port)
        run = asked_for()
        with working(a_worker(tmp_path)):
            until(lambda: state_of(run) == "failed")
        assert (box.mails, run.arguments) == ([], {})
        assert "another installation" in str(run_of(run.pk).problem)


def test_where_no_worker_runs_the_console_sends_it(monkeypatch):
    """At once, and no run is left."""
    WorkerRow.objects.all().delete()
    with postbox() as (box, port):
        server(monkeypatch, port)
        HouseMail().send_messages([EmailMessage("New password", LINK, to=[TO])])
        until(lambda: len(box.mails) == 1)
        assert JobRun.objects.count() == 0


def test_only_the_home_that_sealed_it_opens_it_and_for_a_day(tmp_path):
    """Its key is its owner's alone to read."""
    here, there = tmp_path / "a", tmp_path / "b"
    sealed = seal(here, {"to": TO})
    seal(there, {})
    assert opened(here, sealed, within=DAY) == {"to": TO}
    assert (here / KEY).stat().st_mode & 0o777 == 0o600
    for home, within in ((there, DAY), (tmp_path / "none", DAY), (here, timedelta(seconds=-10))):
        with pytest.raises(CannotOpenError):
            opened(home, sealed, within=within)
