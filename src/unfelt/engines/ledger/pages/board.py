"""Changes by the gate that holds them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.engines.planning.pages.changes import choices, wanted_by
from unfelt.queries.overview import board_of_gates
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader


@page("board/", Message("Board"), right="read", name="gates_board", tabs=(Tab("changes", 2),))
def board(request: HttpRequest) -> HttpResponse:
    """Changes by the gate that holds them."""
    shown = board_of_gates(reader(request), wanted_by(request), now_of(request))
    return render(request, "gates_board.html", with_reader(request, {**shown, **choices()}))
