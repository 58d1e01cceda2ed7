"""Who is not reached by mail, chat and webhooks."""

from unfelt.records.models import Telling, Webhook


def not_reached() -> tuple[str, ...]:
    """Members and webhooks to which the last attempt failed, and why."""
    people = Telling.objects.exclude(problem="").filter(member__is_active=True).select_related("member")
    hooks = Webhook.objects.exclude(problem="").filter(ended_at=None)
    return (
        *(f"{row.member.name}: {row.problem}" for row in people),
        *(f"{hook.url}: {hook.problem}" for hook in hooks),
    )
