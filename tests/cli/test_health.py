"""unfelt health."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.conf import settings

from unfelt.cli import main
from unfelt.engines.jobs import jobs
from unfelt.records.models import JobRun, Telling, Webhook, WorkerRow
from unfelt.rollout.work.queue import keep_ticking


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nobody is left over that other tests did not reach, and no worker of theirs."""
    Telling.objects.update(problem="")
    Webhook.objects.update(problem="")
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()
    yield
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()


def health(home, *options: str):
    """What it says."""
    records = ["--home", str(home), "--database", settings.UNFELT_DATABASE]
    return CliRunner().invoke(main, ["--lang", "en", "health", *records, *options])


def looked(*, ago: timedelta, problem: str = "") -> None:
    """A worker lives, and did everything so long ago."""
    now = datetime.now(UTC)
    WorkerRow.objects.update_or_create(id="w", defaults={"host": "h", "pid": 1, "began": now, "seen_at": now})
    keep_ticking(jobs().values(), now=now)
    said = {"text": problem, "values": {}} if problem else {}
    JobRun.objects.update(succeeded_at=now - ago, problem=said)


def test_it_says_whether_mail_and_webhooks_go_out(home):
    """No worker, one that works, one whose jobs hang, one whose every look fails, one that died."""
    missing = health(home)
    assert (missing.exit_code, "no worker runs" in missing.output) == (1, True)
    looked(ago=timedelta(seconds=3))
    assert (health(home).exit_code, json.loads(health(home, "--json").output)["well"]) == (0, True)
    looked(ago=timedelta(hours=2))
    assert "has said nothing" in health(home).output
    looked(ago=timedelta(hours=2), problem="RuntimeError at x.py:1")
    assert "does not run: RuntimeError" in health(home).output
    assert health(home).exit_code == 1
    looked(ago=timedelta(seconds=3))
    WorkerRow.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=3))
    assert "no worker runs" in health(home).output
