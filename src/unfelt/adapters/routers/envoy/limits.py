"""What one client may take of the router, and which names neither clients nor services may use towards it.

No limit is tighter than those of services themselves: what `old` took before, the router still takes.
"""

import resource
from contextlib import suppress
from typing import Any

HEADERS_WITHIN = 10.0
"""Seconds from a request's first byte to the end of its headers (then 408), and those of a TLS handshake."""
HEAD: dict[str, Any] = {"request_headers_timeout": f"{HEADERS_WITHIN:g}s", "max_request_headers_kb": 96}
"""All headers together; more gets 431. Services allow 8 kB (Tomcat), 16 (Node) or 64 (uvicorn)."""
KEPT: dict[str, Any] = {"idle_timeout": "75s", "max_headers_count": 2000}
"""A connection without a request is closed after that time, as web servers do. Services allow 100 headers (Tomcat,
Apache), 2,000 (Node) or any number (nginx, Go)."""
ANSWERS: dict[str, Any] = {"max_headers_count": 1000, "max_response_headers_kb": 256}
"""A service may answer with more than a client may ask with."""
BUFFER = 256 * 1024
"""Bytes that wait for a client or a service who does not read; then the other side is not read either."""
HTTP2: dict[str, Any] = {
    "max_concurrent_streams": 128,
    "initial_stream_window_size": 64 * 1024,
    "initial_connection_window_size": 1024 * 1024,
}
"""Requests at once on one connection; bytes sent ahead of one request, and of all on a connection."""

OURS_SPELLED = "x[^a-z0-9]+(unfelt|envoy)([^a-z0-9].*)?"
"""Names of headers that a service could take for the router's: many read `x_unfelt_arm` as `x-unfelt-arm`."""
ORDERS = "x[^a-z0-9]+(unfelt([^a-z0-9].*)?|envoy-(immediate-health-check-fail|degraded|overloaded|ratelimited))"
"""Names in a service's answer that would steer the router, or pretend to be its own."""

ASIDE = 256
"""Open files that are no connections: logs, tables, the admin socket, the lease."""
MOST_CONNECTIONS = 10_000
LEAST_CONNECTIONS = 64


def most_connections(files: int) -> int:
    """Customers' connections at once, with so many open files allowed: each may need another to a service."""
    return max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, (files - ASIDE) // 2))


def allow_files() -> int:
    """This process, and what it starts, may open as many files as the system lets it: the number."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2 * MOST_CONNECTIONS + ASIDE if soft == resource.RLIM_INFINITY else soft


def overload(most: int, managed: dict[str, Any]) -> dict[str, Any]:
    """What Envoy is started with beside its file: connections beyond `most` are closed as they come.

    It depends on the system's limits and not on the plan, so it is no part of what makes a router another one.
    managed: what else is managed so.
    """
    monitor = "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3"
    bound = {
        "name": "envoy.resource_monitors.global_downstream_max_connections",
        "typed_config": {
            "@type": f"{monitor}.DownstreamConnectionsConfig",
            "max_active_downstream_connections": most,
        },
    }
    return {"overload_manager": managed | {"resource_monitors": [*managed.get("resource_monitors", ()), bound]}}
