"""What Envoy reads while it runs: the clusters (arms and lease) and the routes (position)."""

import time
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from unfelt.adapters.routers import Position
from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.adapters.routers.envoy.limits import ANSWERS, BUFFER, ORDERS
from unfelt.adapters.routers.envoy.place import HEARTBEAT
from unfelt.adapters.routers.envoy.services import MATCH, Service, plain_socket

MILLION = 1_000_000
LONGEST_SILENCE = f"{100 * 86400}s"
"""How long a stream on `new` may be silent: for ever, but it can be made shorter once everybody is back."""
PROMOTED = frozenset({"promoting", "promoted", "soak", "settled"})
"""Phases in which customers who were kept out come in."""
OFF = "off"
"""The phase a router begins in, outside all epochs: nobody on `new`, and requests belong to no arm."""
BASELINE = "baseline"
LUA = "envoy.filters.http.lua"
OURS = "unfelt"
FILTERS = "type.googleapis.com/envoy.extensions.filters.http"


def version() -> str:
    """A version nobody has used before."""
    return f"{time.time_ns():x}"


# Clusters -----------------------------------------------------------------------------------------------------

_EVERY_SECOND = (
    "interval",
    "no_traffic_interval",
    "no_traffic_healthy_interval",
    "unhealthy_interval",
    "unhealthy_edge_interval",
    "healthy_edge_interval",
)
_ROOM = dict.fromkeys(("max_retries", "max_connections", "max_pending_requests", "max_requests"), 10_000)


def clusters(old: Service, new: Service, *, lease: str | None, lease_address: Address) -> dict[str, Any]:
    """The arms: `old`; `new` with `old` behind it, alive as long as the lease is; `placebo`, which is old too."""
    return {
        "version_info": version(),
        "resources": [
            _cluster("old", {"old": old}, [_group(old, "old")]),
            _cluster("placebo", {"old": old}, [_group(old, "old")]),
            _new(old, new, lease, lease_address),
        ],
    }


def _new(old: Service, new: Service, lease: str | None, lease_address: Address) -> dict[str, Any]:
    health = {"address": lease_address.socket()} if lease else None
    behind = {"disable_active_health_check": True} if lease else None
    groups = [_group(new, "new", health=health), _group(old, "old", health=behind, priority=1)]
    cluster = _cluster("new", {"new": new, "old": old}, groups)
    # A connection that cannot be made must fail before the customer notices; then old serves.
    cluster["connect_timeout"] = "0.25s"
    if lease:
        cluster["health_checks"] = [_check(lease)]
    return cluster


def _check(lease: str) -> dict[str, Any]:
    # One good answer revives: each lease has a path of its own and never answers 200 again once it has lapsed.
    return {
        "timeout": "1s",
        **dict.fromkeys(_EVERY_SECOND, "1s"),
        "unhealthy_threshold": 3,
        "healthy_threshold": 1,
        "http_health_check": {"path": lease, "host": "guard"},
        # The lease is the guard's, and never behind the TLS of the service.
        "transport_socket_match_criteria": {"served": "lease"},
    }


def alone(arm: str, at: Service) -> dict[str, Any]:
    """The cluster of one arm that depends on nothing else."""
    return _cluster(arm, {arm: at}, [_group(at, arm)])


def _cluster(name: str, behind: dict[str, Service], groups: list[dict[str, Any]]) -> dict[str, Any]:
    hosts = [one.address for one in behind.values()]
    first = next(iter(behind.values()))
    sockets = {served: one.socket() for served, one in behind.items()} | {"lease": plain_socket()}
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC" if all(host.is_number for host in hosts) else "STRICT_DNS",
        "dns_lookup_family": "V4_PREFERRED",
        "connect_timeout": "5s",
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {"thresholds": [_ROOM]},
        "per_connection_buffer_limit_bytes": BUFFER,
        "transport_socket_matches": [
            {"name": served, "match": {"served": served}, "transport_socket": socket}
            for served, socket in sockets.items()
        ],
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                # Services close idle connections after 5 s and more; a request must not meet a closing one.
                "common_http_protocol_options": {"idle_timeout": "3s", **ANSWERS},
                "explicit_http_config": first.protocol(),
                "http_filters": [_deaf(), _codec()],
            }
        },
        "load_assignment": {"cluster_name": name, "endpoints": groups},
    }


def _deaf() -> dict[str, Any]:
    """What a service says of its own health is not heard: its customers would be on `old`, and not count."""
    orders = {"remove_on_match": {"key_matcher": {"safe_regex": {"regex": ORDERS}}}}
    return {
        "name": "deaf",
        "typed_config": {
            "@type": f"{FILTERS}.header_mutation.v3.HeaderMutation",
            "mutations": {"response_mutations": [orders]},
        },
    }


def _codec() -> dict[str, Any]:
    return {"name": "codec", "typed_config": {"@type": f"{FILTERS}.upstream_codec.v3.UpstreamCodec"}}


def _group(at: Service, served: str, *, health: dict[str, Any] | None = None, priority: int = 0) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"address": at.address.socket()}
    if health is not None:
        endpoint["health_check_config"] = health
    metadata = {"filter_metadata": {OURS: {"served": served}, MATCH: {"served": served}}}
    return {"priority": priority, "lb_endpoints": [{"endpoint": endpoint, "metadata": metadata}]}


def lease_of(cluster: dict[str, Any]) -> str | None:
    """The lease's path in the cluster `new`, as written or as Envoy gives it back."""
    checks = cluster.get("health_checks")
    return str(checks[0]["http_health_check"]["path"]) if checks else None


SETTLED = "settled"
"""The phase of a rollout that is done."""
_LUA = ("salt", "millionths", "assigned", "promoted", "settled")
"""What the script is told of a table, beside who is pinned."""

# Routes -------------------------------------------------------------------------------------------------------


def routes(position: Position) -> dict[str, Any]:
    """The route table for a position. Every log line carries the epoch of the table that served it."""
    arm = {
        "filter": OURS,
        "path": [{"key": "request"}, {"key": "to"}],
        "value": {"string_match": {"exact": "new"}},
    }
    number = version()
    return {
        "version_info": number,
        "resources": [
            {
                "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
                "name": OURS,
                "virtual_hosts": [
                    {
                        "name": OURS,
                        "domains": ["*"],
                        "routes": [
                            _route("heartbeat", {"path": HEARTBEAT}, position, number)
                            | {"direct_response": {"status": 204}},
                            _route("new", {"prefix": "/", "dynamic_metadata": [arm]}, position, number)
                            | {"route": _to_new(position)},
                            _route("old", {"prefix": "/"}, position, number)
                            | {"route": {"cluster": "old", "timeout": "0s"}},
                        ],
                    }
                ],
            }
        ],
    }


def _route(name: str, match: dict[str, Any], position: Position, number: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "epoch": position.epoch,
        "phase": position.phase,
        "share": position.share,
    }
    # Envoy keeps the former version of a table that says the same; with its number inside none does.
    told |= {"leased": position.lease is not None, "version": number}
    drawn = (position.salt, round(position.share * MILLION), position.phase != OFF)
    values = (*drawn, position.phase in PROMOTED, position.phase == SETTLED and position.share > 0)
    lua = dict(zip(_LUA, values, strict=True))
    return {"name": name, "match": match, "metadata": {"filter_metadata": {OURS: told, LUA: lua}}}


def _to_new(position: Position) -> dict[str, Any]:
    if position.phase == BASELINE:
        return {"cluster": "placebo", "timeout": "0s"}
    # Only before a byte was sent: a second try must never double an order.
    previous = "type.googleapis.com/envoy.extensions.retry"
    return {
        "cluster": "new",
        "timeout": "0s",
        "idle_timeout": LONGEST_SILENCE,
        "retry_policy": {
            "retry_on": "connect-failure,refused-stream",
            "num_retries": 2,
            "retry_priority": {
                "name": "envoy.retry_priorities.previous_priorities",
                "typed_config": {
                    "@type": f"{previous}.priority.previous_priorities.v3.PreviousPrioritiesConfig",
                    "update_frequency": 1,
                },
            },
            "retry_host_predicate": [
                {
                    "name": "envoy.retry_host_predicates.previous_hosts",
                    "typed_config": {"@type": f"{previous}.host.previous_hosts.v3.PreviousHostsPredicate"},
                }
            ],
            "host_selection_retry_max_attempts": 3,
        },
    }


def with_pins(written: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The written table with these customers pinned and no others: the script looks each up by its pseudonym."""
    names = list(names)
    result = deepcopy(written)
    result["version_info"] = number = version()
    for route in result["resources"][0]["virtual_hosts"][0]["routes"]:
        metadata = route["metadata"]["filter_metadata"]
        metadata[OURS]["version"] = number
        told = {key: value for key, value in metadata[LUA].items() if key in _LUA}
        metadata[LUA] = told | dict.fromkeys(names, True)
    return result


def _metadata(table: dict[str, Any], key: str) -> dict[str, Any]:
    route = next(one for one in table["virtual_hosts"][0]["routes"] if one["name"] == "old")
    found: dict[str, Any] = route["metadata"]["filter_metadata"][key]
    return found


def position_of(table: dict[str, Any], *, lease: str | None) -> Position:
    """The position that a route table stands for, as written or as Envoy gives it back."""
    told = _metadata(table, OURS)
    salt = _metadata(table, LUA)["salt"]
    return Position(
        epoch=int(told["epoch"]), phase=told["phase"], share=float(told["share"]), salt=salt, lease=lease
    )


def is_for_good(table: dict[str, Any]) -> bool:
    """Whether the route table has customers on `new` without a lease."""
    told = _metadata(table, OURS)
    return not told["leased"] and told["share"] > 0


def is_sound(table: Any) -> bool:  # noqa: ANN401  (what was read from a file)
    """Whether that is a route table as this module writes it, as far as its position goes."""
    try:
        position = position_of(table["resources"][0], lease=None)
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        return False
    return 0 <= position.share <= 1


def nobody(position: Position) -> Position:
    """The same place in the rollout with nobody on `new`."""
    return replace(position, share=0.0, phase=OFF)
