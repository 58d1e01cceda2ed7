"""What is new for a member of rollouts: those of their changes that ended."""

from collections.abc import Iterator
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.engines.news import Item, News
from unfelt.records.models import ChangeRow, Member, Rollout


def ended(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """How rollouts of changes that they own ended."""
    theirs = ChangeRow.objects.filter(owner__iexact=member.email or member.name).values("name")
    for row in Rollout.objects.filter(change__in=theirs, ended__gt=since, ended__lte=now):
        said = {"rollout": row.id, "change": row.change, "state": row.state}
        text = Message("The rollout {rollout} of {change} has ended: {state}", **said)
        yield Item(row.ended, text, f"/rollouts/{row.id}/report/")


NEWS = (News("ended rollouts", ended),)
