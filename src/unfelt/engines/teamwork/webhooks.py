"""Webhooks are told what happened: in order, tried again until it is taken."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from unfelt.adapters.addresses import OutgoingError, Policy, must_be_web
from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.webhook import send_webhook
from unfelt.conf.language import Message
from unfelt.engines.jobs import wait_after
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.people import names, revealed
from unfelt.engines.people.reading import PeopleError
from unfelt.engines.teamwork import entries
from unfelt.records.models import Entry, Webhook

LONGEST_WAIT = timedelta(hours=1)
AT_ONCE = 50
"""Entries that a webhook is sent before the next one has its turn."""
TURN = 20.0
"""Seconds of a turn after which the next one has its own."""
ENOUGH = 20
"""Attempts, about half a day, after which an entry that the webhook answers and does not take is passed over."""
UNSPEAKABLE = 3
"""Attempts after which an entry is passed over that cannot be put into words."""


def add_webhook(url: str, kinds: list[str], *, by: str, at: datetime, policy: Policy) -> Webhook:
    """From the next entry on, those of these kinds are sent there; the secret is shown once."""
    try:
        must_be_web(url, policy=policy)
    except OutgoingError:
        raise PeopleError(
            "url",
            Message(
                "An address with http:// or https:// is due, public or in a network that UNFELT_NETWORKS names; "
                "given: {url}",
                url=url or "–",
            ),
        ) from None
    newest = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    made: Webhook = Webhook.objects.create(
        url=url, kinds=kinds, secret=secrets.token_urlsafe(32), made_at=at, delivered=newest, next_at=at
    )
    record(entries.WEBHOOK_ADDED, {"webhook": made.pk, "kinds": kinds, "by": by}, rollout=None, at=at)
    return made


def end_webhook(number: int, *, by: str, at: datetime) -> None:
    """Nothing is sent there any more."""
    if Webhook.objects.filter(pk=number, ended_at=None).update(ended_at=at):
        record(entries.WEBHOOK_ENDED, {"webhook": number, "by": by}, rollout=None, at=at)


def deliver(
    *,
    now: datetime,
    policy: Policy,
    clock: Callable[[], float] = time.monotonic,
    progress: Callable[[int], object] = lambda _done: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Each webhook is sent what it has not taken, in order; after a failure it waits, longer each time.

    What goes wrong with one, whatever it is, is shown to the admin and stops no other. Returns how many entries
    were taken or passed over.
    """
    sent = 0
    for hook in Webhook.objects.filter(ended_at=None, next_at__lte=now):
        try:
            for _entry in _delivered(hook, now=now, policy=policy, clock=clock):
                sent += 1
                progress(sent)
                if is_cancelled():
                    return sent
        except (OperationalError, InterfaceError):
            raise  # The records are away: nothing can be sent, and nothing noted.
        except Exception as error:  # noqa: BLE001  (no other webhook waits for what this one meets)
            _failed(hook, type(error).__name__, now=now)
        progress(sent)
        if is_cancelled():
            break
    return sent


def _delivered(hook: Webhook, *, now: datetime, policy: Policy, clock: Callable[[], float]) -> Iterator[Entry]:
    """Each entry that is done with, in the turn of that webhook."""
    entries = Entry.objects.filter(sequence__gt=hook.delivered).order_by("sequence")
    if hook.kinds:
        entries = entries.filter(kind__in=hook.kinds)
    ends = clock() + TURN
    for entry in entries[:AT_ONCE]:
        if not _sent(hook, entry, now=now, policy=policy):
            return
        yield entry
        if clock() > ends:
            return


def _sent(hook: Webhook, entry: Entry, *, now: datetime, policy: Policy) -> bool:
    """It was taken, or is passed over after enough attempts; otherwise the webhook waits."""
    try:
        said = _plain(entry)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return _missed(hook, entry, type(error).__name__, most=UNSPEAKABLE, now=now)
    try:
        send_webhook(hook.url, secret=hook.secret, said=said, policy=policy)
    except ChannelError as error:
        return _missed(hook, entry, str(error), most=ENOUGH if error.is_answer else None, now=now)
    _taken(hook, entry, problem="" if hook.failures else hook.problem)  # What was passed over stays said.
    return True


def _missed(hook: Webhook, entry: Entry, problem: str, *, most: int | None, now: datetime) -> bool:
    """Passed over after so many attempts, and on record; without a number it is tried for ever."""
    if most is None or hook.failures + 1 < most:
        _failed(hook, problem, now=now)
        return False
    passed = Message(
        "entry {number} was not taken and is passed over: {problem}", number=entry.sequence, problem=problem
    )
    _taken(hook, entry, problem=str(passed))
    record(entries.WEBHOOK_PASSED_OVER, {"webhook": hook.pk, "entry": entry.sequence}, rollout=None, at=now)
    return True


def _taken(hook: Webhook, entry: Entry, *, problem: str) -> None:
    Webhook.objects.filter(pk=hook.pk).update(delivered=entry.sequence, failures=0, problem=problem)
    hook.failures, hook.problem = 0, problem


def _failed(hook: Webhook, problem: str, *, now: datetime) -> None:
    hook.failures += 1
    wait = wait_after(hook.failures, longest=LONGEST_WAIT)
    Webhook.objects.filter(pk=hook.pk).update(failures=hook.failures, next_at=now + wait, problem=problem)


def _plain(entry: Entry) -> dict[str, object]:
    body = revealed(json.loads(entry.body), names())
    return {
        "number": int(entry.sequence),
        "kind": entry.kind,
        "at": entry.recorded_at.isoformat(),
        "rollout": entry.rollout_id,
        "digest": entry.digest,
        "body": body,
    }
