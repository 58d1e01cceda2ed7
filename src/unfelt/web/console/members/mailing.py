"""Mail about accounts goes the way of all mail of the house."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.mail import send_mail
from unfelt.conf.settings import Mail, settings
from unfelt.records.models import Telling


class HouseMail(BaseEmailBackend):
    """Django's way to send mail, by the server that UNFELT_MAIL names."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """How many were taken by all to whom they are; the others are noted with whom they did not reach.

        Nothing is raised: an error page for those addresses alone that have an account would tell who has one.
        """
        server = settings().mail
        return 0 if server is None else sum(_all_taken(server, mail) for mail in messages)


def _all_taken(server: Mail, mail: EmailMessage) -> bool:
    taken = [_is_taken(server, to, mail) for to in mail.to]  # Each is tried, whatever became of the others.
    return all(taken)


def _is_taken(server: Mail, to: str, mail: EmailMessage) -> bool:
    try:
        send_mail(server, to=to, subject=str(mail.subject), text=str(mail.body))
    except ChannelError as error:
        Telling.objects.filter(member__email__iexact=to).update(problem=str(error))
        return False
    return True
