"""What every page shows beside its own: who reads it, what is live, and how the pages of accounts are dressed."""

from typing import Any

from django.http import HttpRequest

from unfelt.conf.language import _, language
from unfelt.conf.settings import settings
from unfelt.engines.ledger.phrases import MISSION_SAID
from unfelt.engines.people.reading import brand
from unfelt.queries.rollouts import live_for
from unfelt.records.business_time import is_mission
from unfelt.web.access.clock import machine_now_of
from unfelt.web.access.guarding import theme_of, who
from unfelt.web.access.reader import reader
from unfelt.web.frame.assets import address
from unfelt.web.frame.worker_status import is_worker_missing


def with_reader(request: HttpRequest, more: dict[str, Any]) -> dict[str, Any]:
    """What a page shows, with who reads it and where."""
    known = reader(request) if request.user.is_authenticated else None
    shown: dict[str, Any] = {**_dressed(request), "reader": known, "strip": (), "brand": brand()}
    shown["mission"] = str(MISSION_SAID) if is_mission() else ""
    if known is not None:
        shown["account"] = request.user
        shown["strip"] = live_for(known)
        shown["no_worker"] = is_worker_missing(machine_now_of(request))
    return {**shown, **more}


def without_records(request: HttpRequest, more: dict[str, Any]) -> dict[str, Any]:
    """The same for a page that has to come when the records do not answer."""
    return {**_dressed(request), "reader": None, "strip": (), **more}


def _dressed(request: HttpRequest) -> dict[str, Any]:
    here = {"here": request.get_full_path(), "this_page": getattr(request, "unfelt_page", None)}
    return {"who": who(request), "theme": theme_of(request), **here}


def dress(request: HttpRequest) -> dict[str, Any]:
    """Files and words for the pages of accounts, whose templates are Django's own."""
    is_chinese = language() == "zh-hans"
    return {
        "dress": {
            "lang": "zh-Hans" if is_chinese else "en",
            "theme": theme_of(request),
            "icon": address("icon.svg"),
            "style": address("console.css"),
            "mission": str(MISSION_SAID) if is_mission() else "",
            "motto": _("changes that customers never feel"),
            "console": _("Console"),
            "me": _("Me"),
            "other": "en" if is_chinese else "zh",
            "other_tag": "en" if is_chinese else "zh-Hans",
            "other_name": "English" if is_chinese else "中文",
            "log_in": _("Log in"),
            "has_mail": settings().mail is not None,
            "forgotten": _("Forgot the password?"),
            "no_password": _("Without a password: ask an admin for a link, or where unfelt runs: unfelt link"),
        }
    }
