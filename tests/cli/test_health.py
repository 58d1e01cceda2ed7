"""unfelt health."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.conf import settings

from unfelt.cli import main
from unfelt.engines.teamwork.health import NOTE
from unfelt.records.models import Telling, Webhook


@pytest.fixture(autouse=True)
def quiet():
    """Nobody is left over that other tests did not reach."""
    Telling.objects.update(problem="")
    Webhook.objects.update(problem="")


def health(home, *options: str):
    """What it says."""
    records = ["--home", str(home), "--database", settings.UNFELT_DATABASE]
    return CliRunner().invoke(main, ["--lang", "en", "health", *records, *options])


def noted(home, *, ago: timedelta, problem: str = "") -> None:
    """A console looked so long ago."""
    at = (datetime.now(UTC) - ago).isoformat()
    job = {"looked_at": at, "problem": problem, "restarts": 0}
    (home / NOTE).write_text(json.dumps({"pid": 1, "jobs": {"mail and chat": job, "webhooks": job}}))


def test_it_says_whether_mail_and_webhooks_go_out(home):
    """No console, one that runs, one that hangs, one whose every look fails; a torn note is no console."""
    missing = health(home)
    assert (missing.exit_code, "No console runs here" in missing.output) == (1, True)
    noted(home, ago=timedelta(seconds=3))
    assert (health(home).exit_code, json.loads(health(home, "--json").output)["well"]) == (0, True)
    noted(home, ago=timedelta(hours=1))
    assert "has said nothing" in health(home).output
    noted(home, ago=timedelta(hours=1), problem="RuntimeError")
    assert "does not run: RuntimeError" in health(home).output
    (home / NOTE).write_text('{"jobs": {"webhooks": {"looked')
    assert health(home).exit_code == 1
