"""Logins that failed: counted for whom they were tried, who is told."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

from django.db import Error, connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from unfelt.conf.language import Message
from unfelt.records.models import Member
from unfelt.web.accounts.warning import warn

MAIL_AT = 10
"""So many and they are told by mail too, once until they have looked."""
_APART = ThreadPoolExecutor(1, thread_name_prefix="failed-logins")


def note_failure(login: str) -> None:
    """Counted for the member whom the login names, if it is one: beside the answer, which so tells nobody."""
    _APART.submit(_note, Q(name__iexact=login) | Q(email__iexact=login))


def note_failure_of(member: int) -> None:
    """Counted for that member."""
    _APART.submit(_note, Q(pk=member))


def _note(whose: Q) -> None:
    with closing(connection):
        try:
            for pk in Member.objects.filter(whose, is_active=True).values_list("pk", flat=True)[:1]:
                now = datetime.now(UTC)
                Member.objects.filter(pk=pk).update(
                    failed=F("failed") + 1, failed_since=Coalesce("failed_since", now)
                )
                found = Member.objects.get(pk=pk)
                if found.failed == MAIL_AT:
                    warn(found, Message("{n} logins in your name have failed.", n=MAIL_AT))
        except Error:
            return  # A count is not worth more than an answer.
