"""What Envoy is started with: one listener, the assignment, the access log; arms and position come from files."""

from typing import Any

from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.adapters.routers.envoy.limits import BUFFER, HEAD, HEADERS_WITHIN, HTTP2, KEPT, OURS_SPELLED
from unfelt.adapters.routers.envoy.manner import RUNTIME, Manner
from unfelt.adapters.routers.envoy.place import NONE, Place
from unfelt.adapters.routers.envoy.script import LINE_END, Column
from unfelt.adapters.routers.envoy.streams import AFTER_BACK
from unfelt.adapters.routers.envoy.tables import OURS

TYPES = "type.googleapis.com/envoy.extensions"
LOGGED_AS_BEGUN = ("0.2s", 700)
"""A request without an answer is logged as begun every 200 ms, until it is 700 ms old."""


def bootstrap(
    place: Place,
    *,
    listen: Address,
    script: str,
    columns: tuple[Column, ...],
    manner: Manner,
) -> dict[str, Any]:
    """Envoy's start configuration."""
    chain: dict[str, Any] = {"filters": [_connections(place, script, columns, manner)]}
    if manner.is_secure:
        chain |= {"transport_socket": _tls(place), "transport_socket_connect_timeout": f"{HEADERS_WITHIN:g}s"}
    return {
        "node": {"metadata": {AFTER_BACK: manner.after_back}},
        "layered_runtime": {"layers": [{"name": OURS, "static_layer": RUNTIME}]},
        "admin": {"address": {"pipe": {"path": str(place.admin), "mode": 0o600}}},
        "dynamic_resources": {"cds_config": _from_file(place.clusters, place)},
        "static_resources": {
            "listeners": [
                {
                    "name": OURS,
                    "address": listen.socket(),
                    # Otherwise a second router could share the port without a word.
                    "enable_reuse_port": False,
                    "per_connection_buffer_limit_bytes": BUFFER,
                    "filter_chains": [chain],
                }
            ]
        },
    }


def _tls(place: Place) -> dict[str, Any]:
    common = {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_certificate_sds_secret_configs": [{"name": OURS, "sds_config": _from_file(place.secrets, place)}],
    }
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{TYPES}.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": common,
        },
    }


def _from_file(path: Any, place: Place) -> dict[str, Any]:  # noqa: ANN401
    return {
        "resource_api_version": "V3",
        # Of a damaged file Envoy is told soon that it has none, and the keeper sees it.
        "initial_fetch_timeout": "3s",
        "path_config_source": {"path": str(path), "watched_directory": {"path": str(place.tables)}},
    }


def _connections(place: Place, script: str, columns: tuple[Column, ...], manner: Manner) -> dict[str, Any]:
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": f"{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": OURS,
            "rds": {"route_config_name": OURS, "config_source": _from_file(place.routes, place)},
            **manner.forwarded(),
            # The customer must meet the service and not the router: it adds nothing of its own.
            "generate_request_id": False,
            "server_header_transformation": "PASS_THROUGH",
            "http_protocol_options": manner.http1(),
            "proxy_100_continue": True,
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            # How long a stream may be silent is the service's business.
            "stream_idle_timeout": "0s",
            **HEAD,
            "common_http_protocol_options": {**manner.lasting(), **KEPT},
            "http2_protocol_options": HTTP2,
            "access_log_options": {"access_log_flush_interval": LOGGED_AS_BEGUN[0]},
            "access_log": [_end_lines(place, columns), _start_lines(place, columns)],
            "http_filters": [_strip(), _assign(script), _route()],
        },
    }


def _strip() -> dict[str, Any]:
    """Clients can neither choose their arm (`x-unfelt-`) nor ask for a second try (`x-envoy-`), however spelled.

    Many services take `_` in a name for `-`; other names with it are the customers' own and pass.
    """
    ours = {"key_matcher": {"safe_regex": {"regex": OURS_SPELLED}}}
    return {
        "name": "strip",
        "typed_config": {
            "@type": f"{TYPES}.filters.http.header_mutation.v3.HeaderMutation",
            "mutations": {"request_mutations": [{"remove_on_match": ours}]},
        },
    }


def _assign(script: str) -> dict[str, Any]:
    return {
        "name": "envoy.filters.http.lua",
        "typed_config": {
            "@type": f"{TYPES}.filters.http.lua.v3.Lua",
            "default_source_code": {"inline_string": script},
        },
    }


def _route() -> dict[str, Any]:
    return {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{TYPES}.filters.http.router.v3.Router", "suppress_envoy_headers": True},
    }


# The access log -----------------------------------------------------------------------------------------------


def _end_lines(place: Place, columns: tuple[Column, ...]) -> dict[str, Any]:
    ended = {"status": "%RESPONSE_CODE%", "duration_ms": "%DURATION%", "flags": "%RESPONSE_FLAGS%"}
    answered = {one.name: f"%RESP({one.source}):64%" for one in columns if one.kind == "response"}
    line = _line("end", columns) | ended | {"bytes": "%BYTES_SENT%"} | _SEEN | answered
    return _log(place, line, _of_type("DownstreamEnd"))


_SEEN = {
    "_host": "%REQ(:AUTHORITY):128%",
    "_location": "%RESP(LOCATION):256%",
    "_type": "%RESP(CONTENT-TYPE):64%",
    "_headers": f"%DYNAMIC_METADATA({OURS}:answer:headers)%",
    "_shape": f"%DYNAMIC_METADATA({OURS}:answer:shape)%",
    "_query": f"%DYNAMIC_METADATA({OURS}:request:query)%",
}
"""What the customer saw, for differences that no metric of the plan names: see `unfelt.adapters.sources.forms`."""


def _start_lines(place: Place, columns: tuple[Column, ...]) -> dict[str, Any]:
    unknown = dict.fromkeys(
        (*LINE_END, *(one.name for one in columns if one.kind == "response")), _fact("nothing")
    )
    young = {
        "duration_filter": {
            "comparison": {
                "op": "LE",
                "value": {"default_value": LOGGED_AS_BEGUN[1], "runtime_key": "unfelt.young"},
            }
        }
    }
    both = {"and_filter": {"filters": [_of_type("DownstreamPeriodic"), young]}}
    return _log(place, _line("start", columns) | unknown, both)


def _of_type(kind: str) -> dict[str, Any]:
    return {"log_type_filter": {"types": [kind]}}


def _log(place: Place, line: dict[str, str], which: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "envoy.access_loggers.file",
        "filter": which,
        "typed_config": {
            "@type": f"{TYPES}.access_loggers.file.v3.FileAccessLog",
            "path": str(place.log),
            "log_format": {"json_format": line},
        },
    }


def _line(kind: str, columns: tuple[Column, ...]) -> dict[str, str]:
    told = {name: f"%METADATA(ROUTE:{OURS}:{name})%" for name in ("epoch", "phase", "share")}
    taken = {one.name: _fact(f"columns:{one.name}") for one in columns if one.kind != "response"}
    return {
        "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%6fZ)%",
        "type": kind,
        "id": _fact("id"),
        "customer": _fact("customer"),
        "caller": _fact("caller"),
        "arm": _or_none("DYNAMIC_METADATA", f"{OURS}:request:arm"),
        "served": _or_none("METADATA", f"UPSTREAM_HOST:{OURS}:served"),
        "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
        **told,
        "method": "%REQ(:METHOD)%",
        "path": "%PATH(NQ:PATH:256)%",
        **taken,
    }


def _fact(name: str) -> str:
    return f"%DYNAMIC_METADATA({OURS}:request:{name})%"


def _or_none(command: str, what: str) -> str:
    operators = f'{{"command":"{command}","param":"{what}"}},{{"command":"ENVIRONMENT","param":"{NONE}"}}'
    return f'%COALESCE({{"operators":[{operators}]}})%'
