"""Telling, with a real mail server, chat robot and webhook: once, when it is wished, tried again until taken."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest
from planned import a_change
from postbox import Box, postbox

from unfelt.adapters.channels.webhook import signature
from unfelt.adapters.http import Answer, Policy, fetch
from unfelt.conf.language import Message
from unfelt.conf.settings import Mail, Network
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.people.actions import add_member
from unfelt.engines.people.reading import PeopleError
from unfelt.engines.teamwork.actions import assign, comment
from unfelt.engines.teamwork.notifications import Sender, tell_everybody, wish
from unfelt.engines.teamwork.webhooks import add_webhook, deliver, end_webhook
from unfelt.records.models import Telling, Webhook

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
TOLD_TEST = EntryKind("told-test", Message("told"), holds=("number",))
ANOTHER = EntryKind("of another kind", Message("other"), holds=("number",))
MINUTE = timedelta(minutes=1)
CHANGE = "told-of"
HERE = Policy((Network("local", ip_network("127.0.0.1/32")),))


@pytest.fixture
def box() -> Iterator[tuple[Box, Sender]]:
    """A mail server, and the house that uses it."""
    with postbox() as (box, port):
        yield (
            box,
            Sender("https://unfelt.example", Mail("127.0.0.1", port, "", None, False, "unfelt@shop.example")),
        )


def at_home(address: str, method: str, url: str, **asked) -> Answer:
    """What is meant for the service is answered by the server there."""
    assert url.startswith("https://hooks.slack.com/services/")
    return fetch(method, f"http://{address}/", **{**asked, "policy": HERE})


@contextmanager
def robot(answers: list[int]) -> Iterator[tuple[str, list[tuple[bytes, str]]]]:
    """An address that answers with these statuses, the last one for ever, and what it was sent."""
    taken: list[tuple[bytes, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = answers.pop(0) if len(answers) > 1 else answers[0]
            if status < 300:
                taken.append((body, self.headers.get("X-Unfelt-Signature", "")))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}", taken
    server.shutdown()
    server.server_close()


@pytest.fixture
def people(request):
    """Two members of their own, and a change that everybody may open."""
    name = request.node.name.replace("[", "-").replace("]", "")[-40:].lower()
    a_change(CHANGE, at=NOON)
    roles = ("owner",)
    asker = add_member(f"a-{name}", by="root", at=NOON, roles=roles)
    told = add_member(f"t-{name}", by="root", at=NOON, roles=roles, email=f"{name}@shop.example")
    yield asker, told
    Telling.objects.filter(member__in=(asker, told)).delete()


def wished(member, **wishes) -> None:
    """These wishes, the others as they are usually."""
    usual = {"mail": True, "given": {}, "every": 0, "quiet": (None, None), "zone": "UTC", "at": NOON}
    wish(member, **{**usual, **wishes})


def mails_to(box: Box, member) -> list[tuple[str, str]]:
    """Subject and text of each mail that they got."""
    return [(subject, text) for to, subject, text in box.mails if to == [member.email]]


def test_who_is_asked_gets_one_mail_with_the_way_to_it(box, people):
    """And none again for the same."""
    (box, house), (asker, told) = box, people
    comment(CHANGE, "", f"Will it do, @{told.name}?", by=asker, at=NOON + MINUTE)
    for minute in (2, 3, 4):
        tell_everybody(house, now=NOON + minute * MINUTE)
    ((subject, text),) = mails_to(box, told)
    assert f"{asker.name} asks about {CHANGE}" in subject
    assert f"https://unfelt.example/changes/{CHANGE}/" in text
    assert mails_to(box, asker) == []


def test_a_digest_gathers_what_is_new_and_comes_so_often(box, people):
    """In the member's language."""
    (box, house), (asker, told) = box, people
    told.language = "zh"
    told.save()
    wished(told, every=60)
    for minute in (1, 2):
        comment(CHANGE, "", f"@{told.name} {minute}", by=asker, at=NOON + minute * MINUTE)
    assign(CHANGE, "team.form", told, due=(NOON + timedelta(days=2)).date(), by="root", at=NOON + 3 * MINUTE)
    tell_everybody(house, now=NOON + 59 * MINUTE)
    assert mails_to(box, told) == []
    tell_everybody(house, now=NOON + 60 * MINUTE)
    ((subject, text),) = mails_to(box, told)
    assert subject == "unfelt: 3 件事等待处理"
    assert text.count("https://unfelt.example/changes/") == 3


def test_a_task_is_called_to_mind_the_day_before(box, people):
    """Once."""
    (box, house), (_asker, told) = box, people
    assign(CHANGE, "risk.rate", told, due=(NOON + timedelta(days=3)).date(), by="root", at=NOON - MINUTE)
    for hours in (24, 47, 48, 49, 72):
        tell_everybody(house, now=NOON + timedelta(hours=hours))
    ((subject, _text),) = mails_to(box, told)
    assert subject == f"unfelt: {CHANGE}: risk.rate is due on 2026-11-30"


def test_nobody_is_told_in_their_quiet_hours_and_nothing_is_lost(box, people):
    """By the clock of their own zone: 22:00 in Shanghai is 14:00 UTC."""
    (box, house), (asker, told) = box, people
    wished(told, quiet=(time(22), time(7)), zone="Asia/Shanghai")
    comment(CHANGE, "", f"@{told.name}?", by=asker, at=NOON + timedelta(hours=3))
    tell_everybody(house, now=NOON + timedelta(hours=4))
    assert mails_to(box, told) == []
    tell_everybody(house, now=NOON + timedelta(hours=11))
    assert len(mails_to(box, told)) == 1


def test_what_the_server_does_not_take_is_tried_again(box, people):
    """And why is kept for the member to see."""
    (box, house), (asker, told) = box, people
    comment(CHANGE, "", f"@{told.name}?", by=asker, at=NOON + MINUTE)
    box.is_open = False
    tell_everybody(house, now=NOON + 2 * MINUTE)
    assert "451" in Telling.objects.get(member=told).problem
    box.is_open = True
    tell_everybody(house, now=NOON + 3 * MINUTE)
    assert len(mails_to(box, told)) == 1
    assert Telling.objects.get(member=told).problem == ""


def test_a_chat_robot_is_told_too(people):
    """Without a mail server."""
    asker, told = people
    with robot([200]) as (address, taken):
        wished(told, mail=False, given={"chat": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"})
        comment(CHANGE, "", f"@{told.name}, look", by=asker, at=NOON + MINUTE)
        tell_everybody(Sender("https://unfelt.example", None, partial(at_home, address)), now=NOON + 2 * MINUTE)
    ((body, _signature),) = taken
    assert "look" in json.loads(body)["text"]


@pytest.mark.parametrize(
    ("wishes", "field"),
    [({"given": {"chat": "nonsense"}}, "way:chat"), ({"zone": "Mars/Olympus"}, "zone"), ({"zone": ""}, "zone")],
    ids=["chat", "zone", "none"],
)
def test_wishes_that_cannot_be_are_refused(people, wishes, field):
    """With the field."""
    with pytest.raises(PeopleError) as refused:
        wished(people[1], **wishes)
    assert refused.value.field == field


def test_a_webhook_gets_each_entry_once_in_order_signed_whatever_fails_between():
    """After a failure it waits, longer each time."""
    with robot([200, 500, 503, 200]) as (address, taken):
        hook = add_webhook(f"http://{address}/in", ["told-test"], by="root", at=NOON, policy=HERE)
        for number in range(3):
            record(TOLD_TEST, {"number": number}, rollout=None, at=NOON)
            record(ANOTHER, {"number": number}, rollout=None, at=NOON)
        now, waits = NOON, []
        for _attempt in range(4):
            deliver(now=now, policy=HERE)
            row = Webhook.objects.get(pk=hook.pk)
            waits.append((row.next_at - now).total_seconds() if row.failures else 0.0)
            now = max(now, row.next_at)
        end_webhook(hook.pk, by="root", at=now)
        record(TOLD_TEST, {"number": 9}, rollout=None, at=NOON)
        deliver(now=now + timedelta(days=1), policy=HERE)
    assert [json.loads(body)["body"]["number"] for body, _signature in taken] == [0, 1, 2]
    assert all(given == signature(hook.secret, body) for body, given in taken)
    assert waits == [5.0, 10.0, 0.0, 0.0]


@pytest.mark.parametrize("url", ["", "ftp://x/", "file:///etc/passwd", "http://", "x"])
def test_a_webhook_that_is_no_address_on_the_web_is_refused(url):
    """Nothing but http and https."""
    with pytest.raises(PeopleError):
        add_webhook(url, [], by="root", at=NOON, policy=HERE)
