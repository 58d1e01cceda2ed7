"""Mail about accounts goes the way of all mail of the house."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from unfelt.conf.settings import settings
from unfelt.web.accounts.warning import send_apart


class HouseMail(BaseEmailBackend):
    """Django's way to send mail, by the server that UNFELT_MAIL names."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """How many are on their way."""
        server = settings().mail
        if server is None:
            return 0
        for mail in messages:
            for to in mail.to:
                send_apart(server, to=to, subject=mail.subject, text=str(mail.body))
        return len(messages)
