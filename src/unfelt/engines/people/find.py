"""Members whose name holds words."""

from django.db.models import Q

from unfelt.conf.language import Message
from unfelt.engines.find import Finder, Found, Line
from unfelt.engines.people.rights import Reader
from unfelt.records.models import Member


def members_with(known: Reader, wanted: str, most: int) -> Found:
    """Members who are here, by name or title; an admin is led to their page."""
    rows = Member.objects.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted), is_active=True)
    leads = known.may("admin")
    lines = [_line(one, leads=leads) for one in rows[:most]]
    return Found(lines, rows.count(), "/settings/members/" if leads else "")


def _line(one: Member, *, leads: bool) -> Line:
    detail = " · ".join(text for text in (one.name, one.email) if text)
    return Line(f"/settings/members/{one.pk}/" if leads else "", one.get_full_name(), detail, one.name)


FINDERS = (Finder("members", Message("Members"), members_with, 6),)
