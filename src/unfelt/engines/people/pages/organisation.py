"""Under which name the house speaks, and by which channels."""

from django.conf import settings as site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.mail import send_mail
from unfelt.conf.language import Message, _
from unfelt.conf.settings import settings
from unfelt.engines.people.actions import call_house, note_machine_token
from unfelt.engines.people.asked import HouseAsked, MachineTokenAsked
from unfelt.engines.people.reading import brand
from unfelt.records.models import Telling
from unfelt.rollout.work.health import timers
from unfelt.web.access import machine_token
from unfelt.web.access.acting import by_now
from unfelt.web.access.clock import machine_now_of
from unfelt.web.access.reader import member_at
from unfelt.web.accounts.proving import proven
from unfelt.web.frame.forms import asked_in, typed_in
from unfelt.web.frame.page import Tab, action, form, problem_of
from unfelt.web.frame.shown import with_reader


@form("settings/house/", Message("Channels and brand"), right="admin", tabs=(Tab("settings", 9),))
def house(request: HttpRequest) -> HttpResponse:
    """The name, whom to turn to, the mail server, and who could not be told; POST names the house."""
    if request.method == "POST":
        call_house(**asked_in(request, HouseAsked).model_dump(), **by_now(request))
        return redirect("house")
    return _house(request)


def _house(request: HttpRequest, *, told: str = "") -> HttpResponse:
    found = brand()
    shown = {
        "mail": settings().mail,
        "sendings": timers(now=machine_now_of(request)),
        "failed": Telling.objects.exclude(problem="").select_related("member"),
        "problem": problem_of(request),
        "typed": typed_in(request, name=found.name, contact=found.contact),
        "told": told,
        "has_token": machine_token.is_there(site.UNFELT_HOME),
        "token_used": machine_token.used_at(site.UNFELT_HOME),
    }
    return render(request, "house.html", with_reader(request, shown))


@action("settings/house/mail/", right="admin", shows="house")
def try_mail(request: HttpRequest) -> HttpResponse:
    """One mail to whoever asks, to see whether mail goes out."""
    member, server = member_at(request), settings().mail
    if server is None or member is None or not member.email:
        return _house(request, told=_("There is no mail server, or you have no address: nothing was sent."))
    try:
        send_mail(server, to=member.email, subject="unfelt", text=_("Mail goes out.") + "\n")
    except ChannelError as error:
        return _house(request, told=_("It was not taken: {problem}").format(problem=error))
    return _house(request, told=_("Sent to {address}.").format(address=member.email))


@action("settings/house/token/", right="admin", name="machine_token", shows="house")
@proven
def machine_token_page(request: HttpRequest) -> HttpResponse:
    """The installation's token is another, or none; it is never shown here."""
    acts = {"renew": (machine_token.renew, "renewed"), "revoke": (machine_token.revoke, "revoked")}
    act, what = acts[asked_in(request, MachineTokenAsked).what]
    act(site.UNFELT_HOME)
    note_machine_token(what, **by_now(request))
    return redirect("house")
