"""What a channel keeps to: ours do, and one that does not is named."""

import smtplib
from contextlib import suppress

import pytest

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.chat import ChatRobots
from unfelt.adapters.channels.mail import HouseMail
from unfelt.adapters.channels.robots import ROBOTS
from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.testing.contracts import Addresses, channel_faults, channels

MAIL = Addresses("lin@shop.example", "lin", by="mail")
CHAT = Addresses("dingtalk://SECabc@token1", "https://shop.example/robot", secret="token1")
OURS = {"mail": MAIL, "chat": CHAT}


@pytest.mark.slow
@pytest.mark.parametrize("name", plugins.names("channel"))
def test_every_channel_keeps_the_contract(name: str):
    """All of it: silence too is waited for."""
    assert channel_faults(name, OURS[name]) == []


ADDRESSES = {
    "DingTalk": "dingtalk://abc123",
    "Feishu": "feishu://0a1b2c3d",
    "Lark": "lark://0a1b2c3d",
    "WeCom": "wecombot://693a91f6",
    "Slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "Telegram": "tgram://123456789:ABCdef/-1001234",
    "Discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "Microsoft Teams": "workflows://prod-1.westus.logic.azure.com/643e69f83c8944/KODuebWbDGYFr0z0eu",
    "Google Chat": "gchat://AAAAxyz/AIzaSy/token_1%3D",
}


@pytest.mark.parametrize("robot", [one.name for one in ROBOTS])
def test_every_service_of_chat_robots_keeps_it(monkeypatch, robot: str):
    """Each spells a message its own way."""
    monkeypatch.setattr(channels, "CHECKS", channels.CHECKS[:-1])  # They wait in the same way.
    address = ADDRESSES[robot]
    assert channel_faults("chat", Addresses(address, "nonsense", secret=address.rpartition("/")[2])) == []


class Everything(ChatRobots):
    """Takes every address for its own."""

    def problem(self, address):
        """None at all."""
        return


class Greedy(ChatRobots):
    """Another channel, for addresses that are of chat robots."""


class Naming(ChatRobots):
    """Says where it could not send to."""

    def send(self, address, *, subject, text, means):
        """With the secret."""
        try:
            super().send(address, subject=subject, text=text, means=means)
        except ChannelError:
            raise ChannelError(Message("{kinds}", kinds=address)) from None


class Silent(ChatRobots):
    """Never says that it failed."""

    def send(self, address, *, subject, text, means):
        """Whatever became of it."""
        with suppress(ChannelError):
            super().send(address, subject=subject, text=text, means=means)


class Alone(ChatRobots):
    """Has a client of its own."""

    def send(self, address, *, subject, text, means):
        """Past the one that it is given."""
        super().send(address, subject=subject, text=text, means=type(means)(None, lambda *_a, **_m: Said()))


class Said:
    """An answer of nobody."""

    status, body = 200, b'{"errcode": 0}'


class Wordless(ChatRobots):
    """Is called the same in every language."""

    label = Message("Pager 3000")


class Breaking(HouseMail):
    """Puts the subject into the header as it comes."""

    def send(self, address, *, subject, text, means):
        """By hand."""
        with smtplib.SMTP(means.mail.host, means.mail.port) as server:
            server.sendmail("u@shop.example", [address], f"Subject: {subject}\r\n\r\n{text}\r\n")


@pytest.mark.parametrize(
    ("channel", "addresses", "fault"),
    [
        (Everything, CHAT, channels.knows_its_addresses),
        (Greedy, CHAT, channels.takes_nobody_elses),
        (Naming, CHAT, channels.says_that_it_was_refused),
        (Silent, CHAT, channels.says_that_nobody_is_there),
        (Alone, CHAT, channels.sends),
        (Wordless, CHAT, channels.is_called_something),
        (Breaking, MAIL, channels.keeps_a_subject_in_its_line),
    ],
)
def test_a_channel_that_breaks_it_is_named(monkeypatch, channel, addresses, fault):
    """By the sentence that does not hold."""
    monkeypatch.setattr(channels, "CHECKS", channels.CHECKS[:-1])
    found = channel_faults(channel(), addresses)
    assert any(one.startswith(fault.__doc__) for one in found), found


def test_one_that_waits_for_ever_is_named(monkeypatch):
    """For longer than it may."""
    monkeypatch.setattr(channels, "LONGEST", 0.5)
    monkeypatch.setattr(channels, "CHECKS", channels.CHECKS[-1:])

    class Waiting(ChatRobots):
        """As long as one second here."""

        def send(self, address, *, subject, text, means):
            """By the client, with more time."""
            slow = type(means)(None, lambda *asked, **more: means.fetch(*asked, **{**more, "within": 1.0}))
            super().send(address, subject=subject, text=text, means=slow)

    (found,) = channel_faults(Waiting(), CHAT)
    assert found.startswith(channels.gives_up_on_silence.__doc__)
