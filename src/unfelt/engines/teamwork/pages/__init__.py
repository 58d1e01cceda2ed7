"""The pages of this engine."""

from unfelt.engines.teamwork.pages import (
    approvals,
    hand_overs,
    inbox,
    lessons,
    part,
    receipts,
    requests,
    review,
    webhooks,
)
from unfelt.web.frame.page import pages_in

PAGES = pages_in(approvals, hand_overs, inbox, lessons, part, receipts, requests, review, webhooks)
