"""One poisonous recipient, hook, item or job stops no other, and it is said."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage
from django.db import OperationalError
from planned import a_change
from servers import OK, answering, saying

from unfelt.adapters.http import Policy
from unfelt.conf.language import Message
from unfelt.conf.settings import Mail, Network
from unfelt.engines.jobs import Call, Job
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork.actions import comment
from unfelt.engines.teamwork.health import not_reached
from unfelt.engines.teamwork.notifications import PATIENT, Sender, tell_everybody
from unfelt.engines.teamwork.webhooks import ENOUGH, add_webhook, deliver, end_webhook
from unfelt.records.models import Entry, JobRun, Member, Telling, Webhook, WorkerRow
from unfelt.rollout.work.execution import Place
from unfelt.rollout.work.health import timers
from unfelt.rollout.work.worker import Pace, Worker, working
from unfelt.testing.ports import free_port
from unfelt.web.accounts.mailing import HouseMail

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHANGE = "poisoned"
HERE = Policy((Network("local", ip_network("127.0.0.1/32")),))


class Picky:
    """A mail server that refuses for ever what holds the word, and keeps the rest."""

    def __init__(self) -> None:
        self.word, self.mails = b"\0", []

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if self.word in envelope.content:
            return "554 not that"
        self.mails.append((envelope.rcpt_tos[0], envelope.content))
        return "250 taken"


def numbered(name: str) -> EntryKind:
    """A kind of entry that holds a number."""
    return EntryKind(name, Message(name), holds=("n",))


@contextmanager
def picky() -> Iterator[tuple[Picky, Sender]]:
    box, port = Picky(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield (
            box,
            Sender("https://unfelt.example", Mail("127.0.0.1", port, "", None, False, "unfelt@shop.example")),
        )
    finally:
        server.stop()


@pytest.fixture
def people(request):
    """Four members, of whom the second is poisonous, and one that asks."""
    name = request.node.name.translate(str.maketrans("[]_ ", "----"))[-30:].lower().strip("-")
    a_change(CHANGE, at=NOON)
    made = [
        add_member(f"{letter}-{name}", by="root", at=NOON, roles=("owner",), email=f"{letter}-{name}@shop.example")
        for letter in "abcd"
    ]
    yield made
    Telling.objects.filter(member__in=made).delete()


def ask_all(people: list[Member], text: str) -> None:
    """Everybody but the first is asked."""
    for member in people[1:]:
        comment(CHANGE, "", f"{text} @{member.name}", by=people[0], at=NOON + MINUTE)


def reached(box: Picky, people: list[Member]) -> list[bool]:
    return [any(to == member.email for to, _content in box.mails) for member in people[1:]]


POISONS = {
    "an address that is two": {"member": {"email": "x@shop.example, y@shop.example"}},
    "an address with a line break": {"member": {"email": "x@shop.example\r\nBcc: y@shop.example"}},
    "a time zone that is none": {"telling": {"zone": "Mars/Olympus", "quiet_from": "22:00", "quiet_to": "07:00"}},
    "a zone that leads out of its directory": {
        "telling": {"zone": "../../etc/passwd", "quiet_from": "22:00", "quiet_to": "07:00"}
    },
    "a language that is none": {"member": {"language": "\x00"}},
    "a robot of a kind that is not known": {
        "member": {"email": ""},
        "telling": {"chat": "json://127.0.0.1:1/?method=DELETE"},
    },
}


@pytest.mark.parametrize("poison", POISONS)
def test_one_member_that_cannot_be_told_keeps_nobody_from_being_told(people, poison):
    """Whatever it is; it is said at that member, and tried again later."""
    given = POISONS[poison]
    Member.objects.filter(pk=people[1].pk).update(**given.get("member", {}))
    Telling.objects.filter(member=people[1]).update(**given.get("telling", {}))
    with picky() as (box, house):
        ask_all(people, "Will it do?\r\nBcc: all@shop.example")
        for minute in range(2, 5):
            tell_everybody(house, now=NOON + minute * MINUTE)
    assert reached(box, people)[1:] == [True, True]
    row = Telling.objects.get(member=people[1])
    if poison != "a language that is none":
        assert (bool(row.problem), row.failures, row.next_at > NOON + 4 * MINUTE) == (True, 3, True)
        assert any(line.startswith(f"{people[1].name}: ") for line in not_reached())


def test_a_line_break_in_a_comment_is_no_header(people):
    """As it was found: all mail ended with it."""
    with picky() as (box, house):
        ask_all(people, "Will it do?\r\nBcc: all@shop.example\n\nX")
        tell_everybody(house, now=NOON + 2 * MINUTE)
    assert reached(box, people) == [True, True, True]
    assert all(b"\nBcc:" not in content.partition(b"\r\n\r\n")[0] for _to, content in box.mails)


def test_a_text_that_no_server_takes_does_not_keep_the_rest_away_for_ever(people):
    """After some attempts they are told that something waits, without the text; what comes then, comes whole."""
    with picky() as (box, house):
        box.word = b"venom"
        ask_all(people[:2], "venom")
        now = NOON + 2 * MINUTE
        for _attempt in range(PATIENT + 1):
            tell_everybody(house, now=now)
            row = Telling.objects.get(member=people[1])
            now = max(now, row.next_at or now) + timedelta(seconds=1)
        ((_to, content),) = box.mails
        assert b"thing waits" in content
        assert (row.failures, row.next_at, row.problem) == (0, None, "")
        comment(CHANGE, "", f"And this, @{people[1].name}?", by=people[0], at=now)
        tell_everybody(house, now=now + MINUTE)
        assert b"And this" in box.mails[-1][1]


def test_who_cannot_be_told_is_tried_less_and_less_often(people):
    """From seconds to an hour; at each look in between nobody is asked."""
    house = Sender("https://unfelt.example", Mail("127.0.0.1", free_port(), "", None, False, "u@shop.example"))
    ask_all(people[:2], "?")
    tried, now = [], NOON + 2 * MINUTE
    for _look in range(60):
        tell_everybody(house, now=now)
        tried.append(Telling.objects.get(member=people[1]).failures)
        now += 10 * MINUTE
    assert 10 <= tried[-1] <= 25
    assert tried[-1] - tried[-13] <= 2


@pytest.fixture
def hooks() -> Iterator[None]:
    """No webhook of other tests."""
    Webhook.objects.filter(ended_at=None).update(ended_at=NOON)
    yield
    for hook in Webhook.objects.filter(ended_at=None):
        end_webhook(hook.pk, by="root", at=NOON)


def added(url: str, kind: str) -> Webhook:
    return add_webhook(url, [kind], by="root", at=NOON, policy=HERE)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "http://[",
        "http://127.0.0.1:99999/",
        "http://127.0.0.2:9/",
        "\x00",
        "http://\ud7ff\u2028/",
        "http://a:b@127.0.0.1/",
    ],
)
def test_one_webhook_that_cannot_be_called_keeps_no_other(hooks, url):
    """Whatever stands there; it is shown to the admin."""
    kind = f"poison-{abs(hash(url))}"
    with answering(OK) as (port, asked):
        made = [added(f"http://127.0.0.1:{port}/{n}", kind) for n in range(3)]
        Webhook.objects.filter(pk=made[1].pk).update(url=url)
        record(numbered(kind), {"n": 1}, rollout=None, at=NOON)
        for minute in range(3):
            deliver(now=NOON + minute * MINUTE, policy=HERE)
        assert sorted(one.split()[1] for one in asked) == [b"/0", b"/2"]
    row = Webhook.objects.get(pk=made[1].pk)
    assert (row.failures, bool(row.problem)) == (3, True)


def test_an_entry_that_a_webhook_never_takes_is_passed_over_and_that_is_on_record(hooks):
    """After half a day; those behind it come, and the admin still sees what was left out."""
    refused = []

    def answer(connection: socket.socket) -> None:
        body = json.loads(connection.recv(65_536)) if not asked[-1].partition(b"\r\n\r\n")[2] else None
        body = body or json.loads(asked[-1].partition(b"\r\n\r\n")[2])
        bad = body["body"]["n"] == 1
        refused.append(bad)
        saying(f"HTTP/1.1 {500 if bad else 200} X\r\nContent-Length: 0\r\n\r\n".encode())(connection)

    with answering(answer) as (port, asked):
        hook = added(f"http://127.0.0.1:{port}/", "taken-but-one")
        for n in range(4):
            record(numbered("taken-but-one"), {"n": n}, rollout=None, at=NOON)
        now, looks = NOON, 0
        while looks < 60:
            deliver(now=now, policy=HERE)
            row = Webhook.objects.get(pk=hook.pk)
            now, looks = max(now, row.next_at) + timedelta(seconds=1), looks + 1
    assert (sum(refused), len(refused) - sum(refused)) == (ENOUGH, 3)
    assert row.failures == 0
    assert "passed over" in row.problem
    assert Entry.objects.filter(kind="webhook passed over").count() == 1


def test_a_webhook_that_is_away_loses_nothing(hooks):
    """However long: what nobody answered is never passed over."""
    port = free_port()
    hook = added(f"http://127.0.0.1:{port}/", "away")
    record(numbered("away"), {"n": 1}, rollout=None, at=NOON)
    now = NOON
    for _look in range(3 * ENOUGH):
        deliver(now=now, policy=HERE)
        now = Webhook.objects.get(pk=hook.pk).next_at
    with answering(OK, port=port) as (_port, asked):
        deliver(now=now, policy=HERE)
        assert len(asked) == 1
    assert Webhook.objects.get(pk=hook.pk).problem == ""


def test_a_webhook_that_is_slow_gives_its_turn_away(hooks):
    """After some seconds, with more to send; the rest comes in its next turn."""
    moments = iter(range(0, 10_000, 15))
    with answering(OK) as (port, asked):
        added(f"http://127.0.0.1:{port}/", "slow-turn")
        for n in range(10):
            record(numbered("slow-turn"), {"n": n}, rollout=None, at=NOON)
        deliver(now=NOON, policy=HERE, clock=lambda: float(next(moments)))
        assert len(asked) == 2
        deliver(now=NOON, policy=HERE)
        assert len(asked) == 10


def test_records_that_are_away_are_nobodys_fault(people, monkeypatch):
    """It goes up, and is noted at no member."""

    def away(*_given: object, **_more: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("unfelt.engines.teamwork.notifications.news_for", away)
    with pytest.raises(OperationalError):
        tell_everybody(Sender("", Mail("127.0.0.1", 1, "", None, False, "u@shop.example")), now=NOON + MINUTE)
    assert set(Telling.objects.filter(member__in=people).values_list("problem", flat=True)) == {""}


def test_mail_about_an_account_that_is_not_taken_is_no_error_and_is_said(people, monkeypatch):
    """Neither for the next one; an error page would tell who has an account."""
    with picky() as (box, house):
        monkeypatch.setenv("UNFELT_MAIL", f"smtp://127.0.0.1:{house.mail.port}")
        monkeypatch.setenv("UNFELT_MAIL_FROM", "unfelt@shop.example")
        box.word = b"venom"
        mails = [
            EmailMessage(text, text, to=[member.email])
            for text, member in zip(("venom", "Hello"), people[:2], strict=True)
        ]
        assert HouseMail().send_messages(mails) == 2
        until(lambda: "554" in Telling.objects.get(member=people[0]).problem)
        until(lambda: [to for to, _content in box.mails] == [people[1].email])


def until(is_so, *, within: float = 30.0) -> None:
    """It becomes so; a loaded machine may take its time."""
    end = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


class Ending(BaseException):
    """Ends a thread."""


@pytest.fixture
def no_runs() -> Iterator[None]:
    """Of other tests."""
    JobRun.objects.all().delete()
    yield
    JobRun.objects.all().delete()
    WorkerRow.objects.all().delete()


def test_a_job_that_fails_or_dies_is_begun_again_and_the_other_runs_on(no_runs, monkeypatch):
    """By an error, by the end of its thread; what went wrong is on record."""
    good, failing, ended = [], [], []

    def fails(_call: Call) -> None:
        failing.append(1)
        raise RuntimeError("some text of somebody's")

    def ends(_call: Call) -> None:
        ended.append(threading.get_ident())
        if len(ended) < 4:
            raise Ending

    often, soon = {"every": timedelta(seconds=0.01)}, {"wait": timedelta(seconds=0.01), "retries": 9}
    jobs = {
        "good": Job("good", Message("Good"), lambda call: good.append(call.key), **often),
        "fails": Job("fails", Message("Fails"), fails, **often, **soon),
        "ends": Job("ends", Message("Ends"), ends, **often, **soon),
    }
    monkeypatch.setattr("unfelt.rollout.work.health.jobs", lambda: jobs)
    pace = Pace(timedelta(seconds=0.01), timedelta(seconds=0.05), timedelta(seconds=5), timedelta(seconds=1))
    with working(Worker(jobs, Place(Path("/nowhere"), "https://x"), pace=pace)):
        until(lambda: len(good) > 5 and len(failing) > 5 and len(ended) > 5)
        until(lambda: timers(now=datetime.now(UTC))[2].is_alive)
        good_one, failing_one, ended_one = timers(now=datetime.now(UTC))
        assert (good_one.is_alive, good_one.problem) == (True, "")
        assert failing_one.is_alive is False
        assert failing_one.problem.startswith("RuntimeError at ")
        assert "somebody" not in failing_one.problem
        assert ended_one.is_alive
    assert timers(now=datetime.now(UTC)) == ()
