"""Everything that holds the words."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.find import everything_with
from unfelt.web.access.reader import everywhere, reader
from unfelt.web.frame.page import page
from unfelt.web.frame.shown import with_reader

FOUND = 10
"""Of each kind."""


@page("search/", Message("Search everything"), right="read")
def search(request: HttpRequest) -> HttpResponse:
    """Everything that holds the words; `#12` is an entry of the ledger."""
    wanted = request.GET.get("q", "").strip()[:200]
    number = re.fullmatch(r"#(\d{1,15})", wanted)
    if number and everywhere(request).may("audit"):
        return redirect("entry", number=int(number[1]))
    found = everything_with(reader(request), wanted, most=FOUND) if wanted else []
    return render(request, "search.html", with_reader(request, {"q": wanted, "found": found}))


PAGES = (search,)
