"""How every request counts, in one table that adds up; and who is not counted, in sentences. Pure."""

from collections.abc import Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.change import Change

WORTH_SAYING = 0.05
"""The part of all requests from which those without an id are warned of."""
LEAST = 20
"""Of so many requests at least."""


def kinds() -> dict[str, Message]:
    """The kinds of requests, in the order of the table."""
    return {
        "old": Message("compared: on old"),
        "new": Message("compared: on new"),
        "baseline": Message("baseline: both groups on old"),
        "pinned": Message("customers pinned to old"),
        "excluded": Message("customers kept out until promotion"),
        "anonymous": Message("without an id"),
        "unassigned": Message("with an id, while nobody was assigned"),
        "unreadable": Message("refused by the router, or no HTTP"),
    }


def table_of(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each kind of request that was seen; their parts add up to all. Empty where nothing tells."""
    requests = status.get("asked", {}).get("requests", {})
    total = sum(requests.values())
    return [
        {"kind": kind, "name": str(name), "requests": requests[kind], "part": requests[kind] / total}
        for kind, name in kinds().items()
        if requests.get(kind)
    ]


def cut_of(status: Mapping[str, Any]) -> list[Message]:
    """Of the compared: windows that were cut, and outcomes that stayed unknown."""
    excluded, unknown = status.get("excluded", {}), status.get("intake", {}).get("unknown", 0)
    lines = {
        "share_change": Message("{n} windows cut by a change of share", n=excluded.get("share_change", 0)),
        "lapse": Message("{n} windows cut by a lapse of the lease", n=excluded.get("lapse", 0)),
    }
    found = [said for reason, said in lines.items() if excluded.get(reason)]
    return [*found, Message("{n} outcomes stayed unknown, and count as bad", n=unknown)] if unknown else found


def uncounted(asked: Mapping[str, Any], change: Change) -> list[Message]:
    """What is to be known of requests without an id, and of ids that many share."""
    return [*_anonymous(asked, change), *(_shared(*row) for row in asked.get("shared", ()))]


def _anonymous(asked: Mapping[str, Any], change: Change) -> list[Message]:
    requests = asked.get("requests", {})
    n, total = requests.get("anonymous", 0), sum(requests.values())
    if total < LEAST or n < WORTH_SAYING * total:
        return []
    routes = ", ".join(f"{route or '…'} ({many})" for route, many in asked.get("anonymous", ()))
    follow = change.rollout is None or change.rollout.anonymous == "follow"
    said = (
        Message(
            "{part:.0%} of the requests ({n} of {total}) carry no id: they are not compared, and on old until the "
            "rollout is done. Most of them: {routes}",
            part=n / total,
            n=n,
            total=total,
            routes=routes,
        )
        if follow
        else Message(
            "{part:.0%} of the requests ({n} of {total}) carry no id: they are not compared, and on old also once "
            "the rollout is done. Most of them: {routes}",
            part=n / total,
            n=n,
            total=total,
            routes=routes,
        )
    )
    return [said]


def _shared(name: str, requests: int, callers: int) -> Message:
    return Message(
        "customer {name}… asks far more often than others ({n} requests, from {callers} programs or addresses): a "
        "health checker, or many behind one id. Keep out what is no customer: unfelt pin, or rollout.excluded",
        name=name,
        n=requests,
        callers=callers,
    )
