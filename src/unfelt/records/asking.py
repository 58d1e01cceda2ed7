"""What somebody asked for and waits to hear of: changes, lessons to be drawn, change models to be approved."""

from django.db import models

from unfelt.conf.language import InBoth


class Request(models.Model):
    """Somebody wants something changed: it is planned as a change, or declined with a reason."""

    title = models.CharField(max_length=200)
    why = models.TextField()
    """Who suffers from what, in the words of who asked."""
    wanted_by = models.DateField(null=True)
    by = models.CharField(max_length=71)
    """The writer's token: see Person."""
    asked_at = models.DateTimeField()
    change = models.CharField(max_length=200, blank=True, db_index=True)
    """The change that it became."""
    answered_by = models.CharField(max_length=71, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    """Why it was declined."""

    class Meta:
        app_label = "records"
        ordering = ["-asked_at", "-id"]


class Lesson(models.Model):
    """What a change taught, and what somebody does about it by a day."""

    change = models.CharField(max_length=200, db_index=True)
    text_en = models.TextField()
    """As readers of English see it; `text_zh` as readers of Chinese: the same where it is said once."""
    text_zh = models.TextField()
    action_en = models.TextField(blank=True)
    """What is done about it, likewise; nothing if empty."""
    action_zh = models.TextField(blank=True)
    member = models.ForeignKey("records.Member", on_delete=models.SET_NULL, null=True, related_name="lessons")
    due = models.DateField(null=True)
    by = models.CharField(max_length=71)
    drawn_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["drawn_at", "id"]

    @property
    def texts(self) -> InBoth:
        """As readers of each language see it."""
        return InBoth(self.text_en, self.text_zh)

    @property
    def actions(self) -> InBoth:
        """What is done about it, as readers of each language see it."""
        return InBoth(self.action_en, self.action_zh)

    @property
    def text(self) -> str:
        """In the reader's language."""
        return str(self.texts)

    @property
    def action(self) -> str:
        """What is done about it, in the reader's language."""
        return str(self.actions)


class ApprovalAsked(models.Model):
    """Somebody wants a change model approved as it is, and asks a second person."""

    model = models.CharField(max_length=80, db_index=True)
    """With its digest: `service-release@0a1b2c3d4e5f`."""
    by = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="approvals_wanted")
    asked = models.ForeignKey("records.Member", on_delete=models.CASCADE, related_name="approvals_asked")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["asked_at", "id"]
