"""Titles and lessons in both languages: kept for readers of each, found by either, told in a member's own."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from planned import a_change
from postbox import postbox

from unfelt.conf.language import in_language
from unfelt.conf.settings import Mail
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork.actions import TeamworkError
from unfelt.engines.teamwork.notifications import Sender, tell_everybody, wish
from unfelt.engines.teamwork.requests import draw_lesson, lessons_like, lessons_of
from unfelt.records.models import ChangeRow, Entry, Lesson, Member, Telling

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
CHANGE = "said-twice"
TAUGHT = {"text": "The window was short", "other": "时间窗口太短"}
DONE = {"action": "Book two hours", "other_action": "预留两小时"}


@pytest.fixture(scope="module")
def lin() -> Member:
    """Who draws lessons, and does something about them."""
    return add_member("both-lin", by="root", at=NOON, roles=["owner"])


def drawn(lin: Member, *, at: datetime = NOON, text: str, **given: object) -> Lesson:
    """A lesson of that text."""
    usual = {"action": "", "member": None, "due": None, "by": lin, "at": at}
    return draw_lesson(CHANGE, text, **{**usual, **given})


def seen(row: Lesson, language: str) -> tuple[str, str]:
    """What a reader of that language sees of it."""
    with in_language(language):
        return row.text, row.action


def digest() -> str:
    """Of the words of the lesson that was put on record last."""
    entry = Entry.objects.filter(kind="lesson drawn").order_by("sequence").last()
    return str(json.loads(entry.body)["text"])


def test_each_reader_sees_a_lesson_and_its_action_in_their_own_language(lin):
    """In whatever order the two were given."""
    row = drawn(lin, **TAUGHT, **DONE, member=lin)
    turned = drawn(lin, text=TAUGHT["other"], other=TAUGHT["text"], action=DONE["other_action"], member=lin)
    assert seen(row, "en") == ("The window was short", "Book two hours")
    assert seen(row, "zh") == ("时间窗口太短", "预留两小时")
    assert turned.pk == row.pk, "the same within a double click is one lesson"
    assert list(lessons_of(CHANGE)) == [row]


def test_a_lesson_in_one_language_is_shown_to_everybody_as_it_stands(lin):
    """And its digest is that of its words, as ever."""
    row = drawn(lin, text="Look twice")
    assert seen(row, "en") == seen(row, "zh") == ("Look twice", "")
    assert digest() == hashlib.sha256(b"Look twice").hexdigest()
    drawn(lin, text="Look thrice", other="看三遍")
    assert digest() == hashlib.sha256("Look thrice\n看三遍".encode()).hexdigest()


@pytest.mark.parametrize("wanted", ["WINDOW WAS", "窗口太", "two HOURS", "两小时"])
def test_a_lesson_is_found_by_either_language(lin, wanted):
    """By what it taught, and by what is done about it."""
    row = drawn(lin, at=NOON + timedelta(hours=1), **TAUGHT, **DONE, member=lin)
    assert row in lessons_like(wanted, [CHANGE], most=10)
    assert lessons_like(wanted, ["another"], most=10) == []


def test_either_text_has_to_fit(lin):
    """What is too long in one language is not kept in the other alone."""
    with pytest.raises(TeamworkError, match=r"^text: "):
        drawn(lin, text="short", other="长" * 10_001)


def test_a_member_is_told_in_their_own_language():
    """Of the action that is in their hands; who writes no language down is told in English."""
    people = [
        add_member(f"told-{tag}", by="root", at=NOON, roles=["owner"], email=f"told-{tag}@shop.example")
        for tag in ("zh", "en")
    ]
    wishes = {"mail": True, "given": {}, "every": 0, "quiet": (None, None), "zone": "UTC", "at": NOON}
    Member.objects.filter(name="told-zh").update(language="zh")
    with postbox() as (box, port):
        for member in people:
            wish(member, **wishes)
            given = {**DONE, "member": member, "due": date(2026, 12, 24), "at": NOON + timedelta(seconds=1)}
            drawn(people[1], text=f"Told {member.name}", **given)
        house = Sender("https://unfelt.example", Mail("127.0.0.1", port, "", None, False, "unfelt@shop.example"))
        tell_everybody(house, now=NOON + timedelta(minutes=1))
        told = {to[0].partition("@")[0]: text for to, _subject, text in box.mails}
    Telling.objects.filter(member__in=people).delete()
    assert ("预留两小时" in told["told-zh"], "Book two hours" in told["told-zh"]) == (True, False)
    assert ("预留两小时" in told["told-en"], "Book two hours" in told["told-en"]) == (False, True)


def test_a_change_is_kept_under_the_title_that_each_reader_sees():
    """A title in one language is both."""
    a_change("titled-twice", title={"en": "Split checkout", "zh": "拆分结账"})
    a_change("titled-once", title="Split checkout")
    rows = {row.name: (row.title_en, row.title_zh) for row in ChangeRow.objects.filter(name__startswith="titled-")}
    assert rows == {
        "titled-twice": ("Split checkout", "拆分结账"),
        "titled-once": ("Split checkout", "Split checkout"),
    }
    with in_language("zh"):
        assert ChangeRow.objects.get(name="titled-twice").title == "拆分结账"


UPGRADED = """
import sys
from datetime import UTC, datetime
from unfelt.conf.database import connect
connect(sys.argv[1], migrate=False)
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
before = ("records", "0015_jobs")
executor = MigrationExecutor(connection)
executor.migrate([before])
old, now = executor.loader.project_state(before).apps, datetime(2026, 11, 27, tzinfo=UTC)
kept = old.get_model("records", "Revision").objects.create(
    digest="d", kind="change", name="split", canonical="{}", saved_at=now)
old.get_model("records", "ChangeRow").objects.create(
    name="split", revision=kept, title="Split", owner="lin", tier="normal", saved_at=now)
old.get_model("records", "Lesson").objects.create(
    change="split", text="Look twice", action="Book", by="x", drawn_at=now)
executor = MigrationExecutor(connection)
executor.migrate(executor.loader.graph.leaf_nodes("records"))
from unfelt.records.models import ChangeRow, Lesson
row, lesson = ChangeRow.objects.get(), Lesson.objects.get()
print(row.title_en, row.title_zh, lesson.text_en, lesson.text_zh, lesson.action_en, lesson.action_zh, sep="|")
"""


@pytest.mark.slow
def test_records_from_before_are_what_readers_of_both_languages_see(tmp_path: Path):
    """Nothing that was written is lost, and nobody sees an empty line."""
    command = [sys.executable, "-c", UPGRADED, f"sqlite:///{tmp_path}/records.db"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Split|Split|Look twice|Look twice|Book|Book", done.stderr
