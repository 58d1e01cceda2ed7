"""The last resort: what Envoy is started with where it cannot begin with the router's own files.

It serves everybody from one arm, by a configuration that needs no other file: no draw, no log, nothing that could
be damaged beside it. Customers are served, and the guard, which sees no telemetry, says so.
"""

from copy import deepcopy
from typing import Any

from unfelt.adapters.routers.envoy.place import HEARTBEAT
from unfelt.adapters.routers.envoy.tables import OURS

NEEDED = frozenset({"strip", "envoy.filters.http.router"})


def plain(
    started_with: dict[str, Any], cluster: dict[str, Any], *, certificate: dict[str, Any] | None
) -> dict[str, Any]:
    """The same listener and limits, and everybody to that cluster. certificate: where customers come by HTTPS."""
    found = {key: deepcopy(started_with[key]) for key in ("admin", "layered_runtime", "static_resources")}
    found["static_resources"]["clusters"] = [{key: value for key, value in cluster.items() if key != "@type"}]
    chain = found["static_resources"]["listeners"][0]["filter_chains"][0]
    manager = chain["filters"][0]["typed_config"]
    for absent in ("rds", "access_log", "access_log_options"):
        del manager[absent]
    manager["route_config"] = _everybody_to(cluster["name"])
    manager["http_filters"] = [one for one in manager["http_filters"] if one["name"] in NEEDED]
    if certificate is not None:
        common = chain["transport_socket"]["typed_config"]["common_tls_context"]
        del common["tls_certificate_sds_secret_configs"]
        common["tls_certificates"] = [certificate]
    return found


def _everybody_to(cluster: str) -> dict[str, Any]:
    routes = [
        {"match": {"path": HEARTBEAT}, "direct_response": {"status": 204}},
        {"match": {"prefix": "/"}, "route": {"cluster": cluster, "timeout": "0s"}},
    ]
    return {"name": OURS, "virtual_hosts": [{"name": OURS, "domains": ["*"], "routes": routes}]}
