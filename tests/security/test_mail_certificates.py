"""Mail goes only to a server that proves who it is, and neither it nor a password goes unencrypted."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from authority import Authority

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.mail import send_mail
from unfelt.conf.settings import Mail, SettingsError, settings_from
from unfelt.testing.ports import free_port

ANYWHERE = "0.0.0.0"  # noqa: S104
"""This machine by an address that is not the loopback."""


class Box:
    """Mails and passwords that were taken."""

    def __init__(self) -> None:
        self.mails, self.passwords = 0, []

    async def handle_DATA(self, _server, _session, _envelope) -> str:
        self.mails += 1
        return "250 taken"

    def let_in(self, _server, _session, _envelope, _kind, data) -> AuthResult:
        """Whoever says something."""
        self.passwords.append(data.password)
        return AuthResult(success=True)


class Implicit(Controller):
    """TLS first; its own start-up probe cannot know our authority."""

    def _trigger_server(self) -> None:
        """A first visit, whatever the certificate."""
        with socket.create_connection((self.hostname, self.port)) as plain:
            ssl._create_unverified_context().wrap_socket(plain).close()  # noqa: S323


@contextmanager
def mailing(*, tls=None, first: bool = False, login: bool = False) -> Iterator[tuple[Box, int]]:
    """A server that speaks TLS from the first byte, offers it, or knows none."""
    box, port = Box(), free_port()
    more = {"authenticator": box.let_in, "auth_require_tls": False} if login else {}
    if first:
        server = Implicit(box, hostname="127.0.0.1", port=port, ssl_context=tls, **more)
    else:
        server = Controller(box, hostname="127.0.0.1", port=port, tls_context=tls, **more)
    server.start()
    try:
        yield box, port
    finally:
        server.stop()


def sent(server: Mail) -> str:
    """What came of it."""
    try:
        send_mail(server, to="lin@shop.example", subject="s", text="t")
    except ChannelError as error:
        return str(error)
    return "sent"


@pytest.mark.parametrize("first", [True, False])
def test_a_false_certificate_is_refused(tmp_path, first):
    """Of an unknown authority, for another name, or out of date; the right one is taken."""
    trusted = Authority(tmp_path)
    unknown = Authority(tmp_path, "unknown")
    found = []
    for context, ca in (
        (trusted.context("localhost"), trusted.file),
        (trusted.context("localhost"), None),
        (trusted.context("other.example"), trusted.file),
        (trusted.context("localhost", days=-1), trusted.file),
        (unknown.context("localhost", days=19), trusted.file),
    ):
        with mailing(tls=context, first=first) as (box, port):
            said = sent(Mail("localhost", port, "", None, first, "unfelt@shop.example", ca))
            found.append((said == "sent", "certificate is not trusted" in said, box.mails))
    assert found == [(True, False, 1), *[(False, True, 0)] * 4]


def test_encryption_that_is_not_offered_is_not_done_without(tmp_path):
    """To another machine; where the settings allow it, and to this machine, mail goes plain."""
    with mailing() as (box, port):
        assert "offers no encryption" in sent(Mail(ANYWHERE, port, "", None, False, "unfelt@shop.example"))
        assert box.mails == 0
        allowed = Mail(ANYWHERE, port, "", None, False, "unfelt@shop.example", None, True)
        assert [sent(allowed), sent(Mail("127.0.0.1", port, "", None, False, "u@shop.example"))] == ["sent"] * 2


def test_a_password_never_goes_unencrypted_to_another_machine(tmp_path):
    """Whatever the settings allow for mail."""
    password = tmp_path / "password"
    password.write_text("s3cret\n")
    with mailing(login=True) as (box, port):
        said = sent(Mail(ANYWHERE, port, "unfelt", password, False, "unfelt@shop.example", None, True))
        assert ("a password is not sent" in said, box.passwords, box.mails) == (True, [], 0)
        assert sent(Mail("localhost", port, "unfelt", password, False, "unfelt@shop.example")) == "sent"
        assert (box.passwords, box.mails) == ([b"s3cret"], 1)


def test_the_password_goes_after_tls(tmp_path):
    """With STARTTLS and with TLS first."""
    password, trusted = tmp_path / "password", Authority(tmp_path)
    password.write_text("s3cret\n")
    for first in (True, False):
        with mailing(tls=trusted.context("localhost"), first=first, login=True) as (box, port):
            assert (
                sent(Mail("localhost", port, "unfelt", password, first, "u@shop.example", trusted.file)) == "sent"
            )
            assert box.passwords == [b"s3cret"]


def test_a_server_that_drops_starttls_gets_nothing(tmp_path, monkeypatch):
    """Somebody between who hides the offer."""

    async def hidden(self, hostname: str) -> None:
        await self.push(f"250 {hostname}")

    monkeypatch.setattr(SMTP, "smtp_EHLO", hidden)
    with mailing(tls=Authority(tmp_path).context("localhost")) as (box, port):
        assert "offers no encryption" in sent(Mail(ANYWHERE, port, "", None, False, "unfelt@shop.example"))
        assert box.mails == 0


def test_the_settings_say_how_mail_is_encrypted():
    """It must be if nothing is said; a word that is neither is refused."""
    plain = {"UNFELT_MAIL": "smtp://mail.example", "UNFELT_MAIL_FROM": "u@shop.example"}
    assert settings_from(plain).mail.may_be_plain is False
    more = settings_from({**plain, "UNFELT_MAIL_TLS": "offered", "UNFELT_MAIL_CA": "ca.pem"}).mail
    assert (more.may_be_plain, more.ca_file) == (True, Path("ca.pem"))
    with pytest.raises(SettingsError):
        settings_from({**plain, "UNFELT_MAIL_TLS": "no"})
