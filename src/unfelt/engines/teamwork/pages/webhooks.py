"""Addresses that are sent what happens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.adapters.http import allowed
from unfelt.conf.language import Message
from unfelt.engines.asked import NumberAsked
from unfelt.engines.teamwork.asked import WebhookAsked
from unfelt.engines.teamwork.webhooks import add_webhook, end_webhook
from unfelt.records.models import Webhook
from unfelt.web.access.acting import by_now
from unfelt.web.accounts.proving import proven
from unfelt.web.frame.forms import asked_in, typed_in
from unfelt.web.frame.page import Tab, action, form, problem_of
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@form("settings/webhooks/", Message("Webhooks"), right="admin", tabs=(Tab("settings", 8),))
@proven
def webhooks(request: HttpRequest) -> HttpResponse:
    """Addresses that are sent what happens; POST adds one."""
    once = ""
    if request.method == "POST":
        asked = asked_in(request, WebhookAsked)
        once = add_webhook(asked.url, asked.kinds, policy=allowed(), **by_now(request)).secret
    hooks = Webhook.objects.filter(ended_at=None)
    if request.GET.get("as") == "csv":
        columns = ("url", "kinds", "delivered", "failures", "problem")
        return harmless_table("webhooks.csv", columns, hooks.values(*columns))
    typed = typed_in(request, *WebhookAsked.model_fields)
    shown = {"hooks": hooks, "problem": problem_of(request), "typed": typed, "once": once}
    return render(request, "webhooks.html", with_reader(request, shown))


@action("settings/webhooks/end/", right="admin", shows="webhooks")
@proven
def webhook_end(request: HttpRequest) -> HttpResponse:
    """Nothing is sent there any more."""
    end_webhook(asked_in(request, NumberAsked).number, **by_now(request))
    return redirect("webhooks")
