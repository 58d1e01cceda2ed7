"""A plug-in's news come with ours; one that fails keeps nothing else back."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from unfelt.conf.language import Message
from unfelt.engines import news
from unfelt.engines.news import Item, News, news_for
from unfelt.engines.people.actions import add_member
from unfelt.records.models import Member

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def told(monkeypatch: pytest.MonkeyPatch, *kinds: News) -> list[str]:
    """What somebody is told where these are registered."""
    listed = MappingProxyType({one.name: one for one in kinds})
    monkeypatch.setattr(news.plugins, "registered", lambda *_asked: listed)
    member = Member.objects.filter(name="news-reader").first() or add_member("news-reader", by="test", at=NOON)
    return [str(one.text) for one in news_for(member, since=NOON, now=NOON + timedelta(hours=2))]


def an_item(text: str, hours: int) -> Item:
    """So long after noon."""
    return Item(NOON + timedelta(hours=hours), Message("{text}", text=text), "/")


def fails(_member: Member, _since: datetime, _now: datetime) -> list[Item]:
    """A plug-in's bug."""
    raise RuntimeError("broken")


def test_they_come_in_the_order_of_their_time(monkeypatch: pytest.MonkeyPatch):
    """Whichever engine tells them."""
    late = News("late", lambda *_said: [an_item("late", 2)])
    early = News("early", lambda *_said: [an_item("early", 1)])
    assert told(monkeypatch, late, early) == ["early", "late"]


def test_one_that_fails_keeps_nothing_else_back(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    """And is named in the log."""
    assert told(monkeypatch, News("broken", fails), News("one", lambda *_said: [an_item("one", 1)])) == ["one"]
    assert "the news of broken cannot be told" in caplog.text


def test_ours_that_fails_is_told_later(monkeypatch: pytest.MonkeyPatch):
    """The letter is tried again, as a whole."""
    monkeypatch.setattr(fails, "__module__", "unfelt.engines.teamwork.news")
    with pytest.raises(RuntimeError, match="broken"):
        told(monkeypatch, News("ours", fails))
