"""Recurring work is told to its owner on its day, once, in their language."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from unfelt.conf.language import in_language
from unfelt.documents.load import load_programme
from unfelt.engines.ledger.gates.calendar import calendar
from unfelt.engines.news import news_for
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork import programme as recurring
from unfelt.engines.teamwork.programme import has_come, recurring_news
from unfelt.records.models import Member, Telling

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXT = """
unfelt: 1
programme: {id: told, title: {en: The year, zh: 全年}}
work:
  - {control: resilience.drill, what: Restore the shop, owner: Rae-R@shop.example, every: 90d, first: 2026-11-29}
  - {control: team.train, what: Train the night shift, owner: somebody.else, every: 90d, first: 2026-11-29}
"""


@pytest.fixture
def owner(tmp_path: Path, monkeypatch) -> Iterator[Member]:
    """Whose the first item is."""
    (tmp_path / "programme.yaml").write_text(TEXT)
    monkeypatch.setenv("UNFELT_PROGRAMME", str(tmp_path / "programme.yaml"))
    member = add_member("rae-r", by="root", at=NOON, roles=("owner",), email="rae-r@shop.example")
    yield member
    Telling.objects.filter(member=member).delete()
    member.delete()


def told(member: Member, *hours: int) -> list[str]:
    """What they are told when they are looked at then, one look after the other."""
    moments = [NOON + hour * HOUR for hour in (0, *hours)]
    looks = pairwise(moments)
    return [str(one.text) for since, now in looks for one in news_for(member, since=since, now=now)]


def test_it_is_told_on_its_day_and_once(owner):
    """However often they are looked at, and after days without a worker too."""
    said = "Recurring work is due on 2026-11-29: Restore the shop (resilience.drill)"
    assert told(owner, 35, 36, 37, 48, 96) == [said]
    assert told(owner, 96, 97) == [said]
    assert told(owner, 35) == []


def test_it_is_told_in_chinese(owner):
    """With the page where it stands."""
    (item,) = recurring_news(owner, since=NOON, now=NOON + 2 * DAY)
    with in_language("zh"):
        assert (str(item.text), item.path) == (
            "常态化工作于 2026-11-29 到期：Restore the shop（resilience.drill）",
            "/programme/",
        )


def test_what_was_done_is_told_on_its_next_day_and_what_failed_the_day_after(owner, tmp_path):
    """It is due again so often after it passed, and at once where it did not."""
    programme = load_programme(tmp_path / "programme.yaml")

    def days(verdict: str) -> list[int]:
        found = SimpleNamespace(control="resilience.drill", found_at=NOON, number=1, verdict=verdict)
        looks = [(number, NOON + number * DAY) for number in range(100)]
        return [
            number
            for number, since in looks
            for due in calendar(programme, [found], now=since + DAY)
            if due.work.control == "resilience.drill" and has_come(due, since=since, now=since + DAY)
        ]

    assert (days("pass"), days("fail")) == ([89], [0])


def test_a_programme_that_cannot_be_read_keeps_no_other_news_back(owner, tmp_path):
    """It is shown where the programme is."""
    (tmp_path / "programme.yaml").write_text("unfelt: 1\nwork: nothing\n")
    assert told(owner, 96) == []
    (tmp_path / "programme.yaml").unlink()
    assert told(owner, 96) == []


def test_it_is_read_as_a_day_begins_and_not_at_every_look(owner, monkeypatch):
    """The worker looks every two seconds."""
    read = []
    monkeypatch.setattr(recurring, "_programme", lambda: read.append(1))
    told(owner, 1, 2, 3, 13, 14)
    assert len(read) == 1
