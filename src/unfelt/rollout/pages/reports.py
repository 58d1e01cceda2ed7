"""Proof reports of rollouts that have ended."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.queries.rollouts import board_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader


@page("reports/", Message("Reports"), right="read", tabs=(Tab("assurance", 5),))
def reports(request: HttpRequest) -> HttpResponse:
    """Proof reports of rollouts that have ended, and where the other reports are."""
    cards = [card for card in board_of("", reader(request))["cards"] if card["is_over"]]
    return render(request, "reports.html", with_reader(request, {"cards": cards}))
