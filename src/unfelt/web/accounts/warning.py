"""A member is told at once, by mail, about what concerns their account."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime

from django.conf import settings as site
from django.db import Error, connection

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.mail import send_mail
from unfelt.adapters.sealed import seal
from unfelt.conf.language import Message, _, in_language
from unfelt.conf.settings import Mail, settings
from unfelt.engines.people.jobs import ACCOUNT_MAIL, SEALED
from unfelt.records.models import Member, Telling
from unfelt.rollout.work.queue import ask
from unfelt.rollout.work.workers import alive

_APART = ThreadPoolExecutor(2, thread_name_prefix="account-mail")


def warn(member: Member, what: Message, *, to: str = "") -> None:
    """They are sent that sentence, if the house has a mail server and they an address; nobody waits for it.

    to: another address than the one they have now, such as the one before.
    """
    server, address = settings().mail, to or member.email
    if server is None or not address:
        return
    with in_language(member.language or "en"):
        more = _("If that was not you and not at your wish, tell an admin.")
        send_apart(server, to=address, subject=_("unfelt: your account"), text=f"{what}\n\n{more}\n")


def send_apart(server: Mail, *, to: str, subject: str, text: str) -> None:
    """One mail, beside the answer: how long an answer takes says nothing about who has an address here."""
    _APART.submit(_hand_over, server, to, subject, text)


def _hand_over(server: Mail, to: str, subject: str, text: str) -> None:
    """A worker sends it, for as long as that takes; where none runs, or the records are away, it is sent here."""
    now, said = datetime.now(UTC), {"to": to, "subject": subject, "text": text}
    with closing(connection):
        try:
            if alive(now):
                sealed = {SEALED: seal(site.UNFELT_HOME, said)}
                ask(ACCOUNT_MAIL, key=secrets.token_hex(16), by="", at=now, arguments=sealed)
                return
        except (Error, OSError):
            pass
    _send(server, to, subject, text)


def _send(server: Mail, to: str, subject: str, text: str) -> None:
    try:
        send_mail(server, to=to, subject=subject, text=text)
    except ChannelError as error:
        with closing(connection), suppress(Error):  # Settings, Channels and brand, shows who could not be told.
            Telling.objects.filter(member__email__iexact=to).update(problem=str(error))
