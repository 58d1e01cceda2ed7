"""A script with a member's token, and a plan for it."""

import re

import httpx
from serving import Served

PLAN = """\
unfelt: 1
change: {id: split, title: Split checkout, owner: wang, tier: normal, facts: {personal_data: none}}
needs: [{id: peak, because: Checkout times out, source: none, shown_by: A test}]
touches: [checkout]
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
"""


def scripted(console: Served, by: str, *scopes: str) -> httpx.Client:
    """A script with a token of that member's, for these scopes."""
    client, me = console.known(by=by), "/settings/me/"
    client.get(me)
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "title": "CI", "days": "9"}
    shown = client.post("/settings/me/token/", data={**fields, "scopes": list(scopes)}).text
    return console.stranger(Authorization=f"Bearer {re.search('unfelt_[A-Za-z0-9_-]{40,}', shown)[0]}")
