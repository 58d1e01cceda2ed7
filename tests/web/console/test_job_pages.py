"""Jobs as people and scripts see them, and the line on every page where nobody works."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from doors_house import a_team, in_team, someone

from unfelt.conf.language import Message
from unfelt.engines.jobs import jobs
from unfelt.records.models import JobRun, WorkerRow
from unfelt.rollout.work import queue

NOBODY = "Nobody is told anything: no worker runs"


@pytest.fixture(autouse=True)
def nothing_yet() -> Iterator[None]:
    """No runs and no workers of other tests."""
    for _before_and_after in range(2):
        JobRun.objects.all().delete()
        WorkerRow.objects.all().delete()
        cache.clear()
        if not _before_and_after:
            yield


def now() -> datetime:
    return datetime.now(UTC)


def works(*, ago: timedelta = timedelta()) -> None:
    """A worker was seen so long ago, and has set its timers."""
    at = now() - ago
    WorkerRow.objects.update_or_create(id="w", defaults={"host": "kiln", "pid": 7, "began": at, "seen_at": at})
    queue.keep_ticking(jobs().values(), now=now() + timedelta(hours=1))


def running(job: str = "webhooks", **more) -> JobRun:
    """A run that a worker has."""
    said = {"state": "running", "worker": "w", "attempts": 1, "began": now(), "heartbeat_at": now(), **more}
    return JobRun.objects.create(job=job, key="asked", asked_at=now(), next_at=now(), **said)


def test_an_admin_sees_what_runs_and_cancels_it():
    """With its progress; a button for what runs, none for what ended."""
    works()
    run = running(done=3, of=8)
    ann = someone(["admin"]).browser()
    text = ann.get("/settings/jobs/").content.decode()
    assert ["kiln" in text, "3 / 8" in text, f"/settings/jobs/{run.pk}/cancel/" in text] == [True] * 3
    assert ann.post(f"/settings/jobs/{run.pk}/cancel/").status_code == 302
    run.refresh_from_db()
    assert run.cancel_asked_at is not None
    after = ann.get("/settings/jobs/").content.decode()
    assert ("is being cancelled" in after, f"/{run.pk}/cancel/" in after) == (True, False)


def test_an_admin_has_a_timer_tick_now():
    """It is due at once."""
    works()
    tick = JobRun.objects.get(job="signatures", is_tick=True)
    assert someone(["admin"]).browser().post(f"/settings/jobs/{tick.pk}/run/").status_code == 302
    tick.refresh_from_db()
    assert tick.next_at <= now()
    assert tick.asked_by.startswith("person:")


def test_others_see_and_touch_nothing():
    """No button, and the address refuses."""
    works()
    run = running(problem=Message("{problem}", problem="<script>").plain())
    lin = in_team(a_team(), ["owner"]).browser()
    text = lin.get("/settings/jobs/").content.decode()
    assert ("Webhooks" in text, '<button class="quiet">Cancel' in text, "<script>" in text) == (True, False, False)
    assert lin.post(f"/settings/jobs/{run.pk}/cancel/").status_code == 403
    assert lin.post(f"/settings/jobs/{run.pk}/run/").status_code == 403
    assert someone(["admin"]).browser().post("/settings/jobs/999999/cancel/").status_code == 404


def test_nothing_yet_is_said():
    """Before a worker has ever begun."""
    text = someone(["admin"]).browser().get("/settings/jobs/").content.decode()
    assert "they are set when a worker begins" in text
    assert "A tick that had nothing to do is not listed" in text


@pytest.mark.parametrize(("role", "form"), [("admin", "banner"), ("owner", "dim")])
def test_every_page_says_that_nobody_works(role: str, form: str):
    """After two minutes without a worker, an admin loudly; once one is seen the line is gone."""
    one = someone([role]).browser()
    said = f'<p class="{form}" id="no-worker"'
    assert said in one.get("/changes/").content.decode()
    works()
    assert NOBODY not in one.get("/changes/").content.decode()
    works(ago=timedelta(minutes=3))
    cache.clear()
    assert said in one.get("/live/").content.decode()


def test_a_page_asks_for_the_worker_only_now_and_then(django_queries):
    """What was seen a moment ago is believed."""
    works()
    one = someone(["owner"]).browser()
    one.get("/settings/me/")
    with django_queries() as asked:
        one.get("/settings/me/")
    assert [sql for sql in asked if "workerrow" in sql] == []


@pytest.fixture
def django_queries():
    """What the database is asked within a block."""
    from contextlib import contextmanager

    from django.db import connection

    @contextmanager
    def noted() -> Iterator[list[str]]:
        asked: list[str] = []

        def note(execute, sql, *rest):
            asked.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            yield asked

    return noted


def test_scripts_read_jobs_and_an_admins_cancels():
    """By scope; a run that has ended stays as it is."""
    works()
    run = running(done=1, of=2, note=Message("first").plain())
    admin, lin = someone(["admin"]), someone(["owner"])
    found = lin.script("read").ask("get", "/api/jobs/").json()
    assert [one["host"] for one in found["workers"]] == ["kiln"]
    assert {one["job"] for one in found["open"]} == {name for name, job in jobs().items() if job.every is not None}
    one = lin.script("read").ask("get", f"/api/jobs/{run.pk}/").json()
    assert (one["state"], one["done"], one["of"], one["note"]) == ("running", 1, 2, "first")
    assert "worker" not in one
    assert lin.script("read").ask("post", f"/api/jobs/{run.pk}/cancel/").status_code == 403
    assert admin.script("read").ask("post", f"/api/jobs/{run.pk}/cancel/").status_code == 403
    assert admin.script("admin").ask("post", f"/api/jobs/{run.pk}/cancel/").status_code == 200
    JobRun.objects.filter(pk=run.pk).update(state="done", cancel_asked_at=None)
    assert admin.script("admin").ask("post", f"/api/jobs/{run.pk}/cancel/").json()["state"] == "done"
    assert admin.script("read").ask("get", "/api/jobs/999999/").status_code == 404
