"""Mail, by the house's own server."""

import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from unfelt.adapters.channels import ChannelError
from unfelt.conf.settings import Mail

WITHIN = 20
"""Seconds."""


def send_mail(server: Mail, *, to: str, subject: str, text: str) -> None:
    """One mail in plain text; ChannelError where the server does not take it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="unfelt.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    kind = smtplib.SMTP_SSL if server.is_encrypted else smtplib.SMTP
    try:
        with kind(server.host, server.port, timeout=WITHIN) as connection:
            if not server.is_encrypted and connection.has_extn("starttls"):
                connection.starttls()
            if server.user and server.password_file:
                connection.login(server.user, server.password_file.read_text().strip())
            connection.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"{type(error).__name__}: {str(error)[:200]}") from error
