"""Changes as they are found: what is searched and sorted by, derived from the newest plan when that is kept."""

import json
from datetime import datetime
from typing import Any

from django.db import models

from unfelt.conf.language import InBoth
from unfelt.documents.bilingual import in_both
from unfelt.records.revisions import Revision


def derived(document: str) -> dict[str, Any]:
    """What a change is found by, from its plan as canonical JSON.

    >>> found = derived('{"change":{"id":"a","title":"Split","owner":"lin","emergency":true,"tier":"major"}}')
    >>> found["title_en"], found["title_zh"], found["team"], found["tier"], found["starts"]
    ('Split', 'Split', '', 'emergency', None)
    """
    plan = json.loads(document)
    said, window = plan.get("change", {}), plan.get("window") or {}
    title = in_both(said.get("title"))
    return {
        "title_en": title.en,
        "title_zh": title.zh,
        **{name: said.get(name) or "" for name in ("owner", "team", "part_of")},
        "tier": "emergency" if said.get("emergency") else said.get("tier", "normal"),
        "starts": datetime.fromisoformat(window["from"]) if window else None,
        "ends": datetime.fromisoformat(window["to"]) if window else None,
    }


class ChangeRow(models.Model):
    """A change by its newest plan."""

    name = models.CharField(primary_key=True, max_length=200)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="newest_of")
    title_en = models.TextField()
    """As readers of English see it; `title_zh` as readers of Chinese: the same where it is said once."""
    title_zh = models.TextField()
    owner = models.TextField()
    team = models.CharField(max_length=64, blank=True, db_index=True)
    """Whose it is; everybody's if empty."""
    part_of = models.CharField(max_length=64, blank=True, default="", db_index=True)
    """The change that it is a part or a consequence of."""
    tier = models.CharField(max_length=20)
    """As the plan says; `emergency` for one."""
    starts = models.DateTimeField(null=True, db_index=True)
    """When its window begins."""
    ends = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "records"

    @property
    def titles(self) -> InBoth:
        """As readers of each language see it."""
        return InBoth(self.title_en, self.title_zh)

    @property
    def title(self) -> str:
        """In the reader's language."""
        return str(self.titles)


class PlanText(models.Model):
    """A plan as it was written in the browser: every saved text, in order."""

    change = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    text = models.TextField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT)
    by = models.CharField(max_length=71)
    """The writer's token: see Person."""
    saved_at = models.DateTimeField()

    class Meta:
        app_label = "records"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["change", "number"], name="one_text_a_number")]


class Draft(models.Model):
    """What somebody has typed and not saved: found again after a closed window or an expired session."""

    member = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="drafts")
    change = models.CharField(max_length=200)
    """Empty for one that has no name yet."""
    text = models.TextField()
    based_on = models.PositiveIntegerField()
    """The number of the text that it was written from; 0 for none."""
    typed_at = models.DateTimeField()

    class Meta:
        app_label = "records"
        constraints = [models.UniqueConstraint(fields=["member", "change"], name="one_draft_a_change")]


class Task(models.Model):
    """A control of a change that somebody has in hand, and by when."""

    change = models.CharField(max_length=200, db_index=True)
    control = models.CharField(max_length=80)
    member = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="tasks")
    due = models.DateField(null=True)
    given_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    """When who has it said that they do it; none while they have not."""

    class Meta:
        app_label = "records"
        constraints = [models.UniqueConstraint(fields=["change", "control"], name="one_task_a_control")]


class Comment(models.Model):
    """What somebody said about a change or one of its controls. The ledger holds its digest."""

    change = models.CharField(max_length=200, db_index=True)
    control = models.CharField(max_length=80, blank=True)
    by = models.CharField(max_length=71)
    """The writer's token: see Person."""
    text = models.TextField()
    said_at = models.DateTimeField()

    class Meta:
        app_label = "records"
        ordering = ["said_at", "id"]


class Mention(models.Model):
    """Somebody is asked in a comment, until they answered or put it away."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    member = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="mentions")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        constraints = [models.UniqueConstraint(fields=["comment", "member"], name="one_mention_a_comment")]


class WaiverAsked(models.Model):
    """Somebody wants a control waived, and asks a second person, who agrees or does not."""

    change = models.CharField(max_length=200, db_index=True)
    control = models.CharField(max_length=80)
    reason = models.TextField()
    until = models.DateTimeField()
    by = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="waivers_wanted")
    asked = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="waivers_asked")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["asked_at", "id"]
