"""Addresses that are sent what happens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.adapters.http import allowed
from unfelt.conf.language import Message
from unfelt.engines.people.reading import PeopleError
from unfelt.engines.teamwork.webhooks import add_webhook, end_webhook
from unfelt.records.models import Webhook
from unfelt.web.access.acting import by_now, number_in
from unfelt.web.accounts.proving import proven
from unfelt.web.frame.page import Tab, action, form
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@form("settings/webhooks/", Message("Webhooks"), right="admin", tabs=(Tab("settings", 8),))
@proven
def webhooks(request: HttpRequest) -> HttpResponse:
    """Addresses that are sent what happens; POST adds one."""
    problem, once = None, ""
    if request.method == "POST":
        kinds = [kind.strip() for kind in request.POST.get("kinds", "").split(",") if kind.strip()]
        try:
            url = request.POST.get("url", "").strip()
            once = add_webhook(url, kinds, policy=allowed(), **by_now(request)).secret
        except PeopleError as error:
            problem = error
    hooks = Webhook.objects.filter(ended_at=None)
    if request.GET.get("as") == "csv":
        columns = ("url", "kinds", "delivered", "failures", "problem")
        return harmless_table("webhooks.csv", columns, hooks.values(*columns))
    shown = {"hooks": hooks, "problem": problem, "typed": request.POST, "once": once}
    return render(request, "webhooks.html", with_reader(request, shown), status=409 if problem else 200)


@action("settings/webhooks/end/", right="admin")
@proven
def webhook_end(request: HttpRequest) -> HttpResponse:
    """Nothing is sent there any more."""
    end_webhook(number_in(request.POST.get("number")), **by_now(request))
    return redirect("webhooks")
