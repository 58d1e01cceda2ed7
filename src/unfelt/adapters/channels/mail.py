"""Mail, by the house's own server: encrypted where it leaves this machine, to who shows its certificate."""

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from ipaddress import ip_address

from unfelt.adapters.channels import ChannelError, Means
from unfelt.adapters.channels.lines import one_line, plain_text
from unfelt.adapters.reaching import Bounded, TooMuchError, trusting
from unfelt.conf.language import Message
from unfelt.conf.settings import Mail

WITHIN = 20
"""Seconds for each answer of the server."""
ALTOGETHER = 60
"""Seconds for one mail."""


class HouseMail:
    """As `unfelt.adapters.channels.Channel` says, by the server that UNFELT_MAIL names."""

    label = Message("By mail")
    hint = Message("the address of one mailbox")
    is_given = False

    def problem(self, address: str) -> Message | None:
        """It is not the address of one mailbox."""
        try:
            recipient_of(address)
        except ChannelError as error:
            return error.said
        return None

    def send(self, address: str, *, subject: str, text: str, means: Means) -> None:
        """One mail."""
        if means.mail is None:
            raise ChannelError(Message("no mail server is set: UNFELT_MAIL"))
        send_mail(means.mail, to=address, subject=subject, text=text)


def send_mail(server: Mail, *, to: str, subject: str, text: str) -> None:
    """One mail in plain text; ChannelError where the server does not take it."""
    sender, recipient = sender_of(server.sender), recipient_of(to)
    mail = composed(sender, recipient, subject=subject, text=text)
    with _told(), _connection(server) as connection:
        connection.send_message(mail, from_addr=sender.addr_spec, to_addrs=[recipient.addr_spec])


def composed(sender: Address, recipient: Address, *, subject: str, text: str) -> EmailMessage:
    """The mail, whose headers are those written here, whatever the texts hold."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, one_line(subject)
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="unfelt.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(plain_text(text))
    return mail


def recipient_of(to: str) -> Address:
    """One mailbox; ChannelError where the text is anything else."""
    try:
        return Address(addr_spec=_one_mailbox(to))
    except (ValueError, IndexError, MessageError):
        raise ChannelError(Message("{address} is not the address of one mailbox", address=one_line(to))) from None


def sender_of(given: str) -> Address:
    name, address = parseaddr(one_line(given, most=500))
    try:
        return Address(one_line(name), addr_spec=_one_mailbox(address))
    except (ValueError, IndexError, MessageError):
        said = Message("UNFELT_MAIL_FROM is not the address of one mailbox: {address}", address=one_line(given))
        raise ChannelError(said) from None


def _one_mailbox(address: str) -> str:
    if address != one_line(address, most=320) or " " in address or address.count("@") != 1:
        raise ValueError(address)
    return address


@contextmanager
def _connection(server: Mail) -> Iterator[smtplib.SMTP]:
    """Within the block mail can be sent: encrypted as the settings want it, and known to the server."""
    until = time.monotonic() + ALTOGETHER
    with _opened(server, until) as connection:
        connection.ehlo_or_helo_if_needed()
        is_safe = server.is_encrypted
        if not is_safe and connection.has_extn("starttls"):
            connection.starttls(context=_context(server, until))
            connection.ehlo()
            is_safe = True
        if not (is_safe or server.may_be_plain or is_here(server.host)):
            raise ChannelError(
                Message(
                    "the mail server offers no encryption, and mail does not go without it "
                    "(UNFELT_MAIL_TLS=offered lets it)"
                )
            )
        if server.user and server.password_file:
            if not (is_safe or is_here(server.host)):
                raise ChannelError(
                    Message("the mail server offers no encryption, and a password is not sent without it")
                )
            connection.login(server.user, server.password_file.read_text().strip())
        yield connection


def _opened(server: Mail, until: float) -> smtplib.SMTP:
    if server.is_encrypted:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=WITHIN, context=_context(server, until))
    return _Plain(server.host, server.port, timeout=WITHIN, until=until)


class _Plain(smtplib.SMTP):
    """A connection whose answers are waited for until a moment, however slowly they come."""

    def __init__(self, host: str, port: int, *, timeout: float, until: float) -> None:
        self._until = until
        super().__init__(host, port, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> Bounded:
        """smtplib asks here for the socket."""
        plain = socket.create_connection((host, port), timeout)
        made = Bounded(fileno=plain.detach())
        made.settimeout(timeout)
        made.until = self._until
        return made


def _context(server: Mail, until: float) -> ssl.SSLContext:
    """The certificate is for that host, of an authority of the system or of the file in the settings."""
    ca = str(server.ca_file) if server.ca_file else None
    return trusting(ssl.create_default_context(cafile=ca), until=until)


def is_here(host: str) -> bool:
    """This machine itself: what is sent there meets no network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@contextmanager
def _told() -> Iterator[None]:
    """Failures within the block are told by their class and, where the server gave one, its code."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ChannelError(
            Message("the mail server's certificate is not trusted: {problem}", problem=error.verify_message)
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = ", ".join(str(code) for code, _said in error.recipients.values())
        raise ChannelError(Message("the mail server refused: {code}", code=codes), is_answer=True) from None
    except smtplib.SMTPResponseException as error:
        code = error.smtp_code
        raise ChannelError(Message("the mail server refused: {code}", code=code), is_answer=True) from None
    except (OSError, smtplib.SMTPException, TooMuchError, ValueError, MessageError) as error:
        raise ChannelError(Message("the mail was not sent: {problem}", problem=type(error).__name__)) from None
