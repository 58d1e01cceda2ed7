"""The pages of this engine."""

from unfelt.engines.teamwork.pages import approvals, inbox, lessons, requests, review, webhooks
from unfelt.web.frame.page import pages_in

PAGES = pages_in(approvals, inbox, lessons, requests, review, webhooks)
