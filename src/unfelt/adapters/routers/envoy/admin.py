"""Envoy's admin interface on its unix socket: what it does now, in its own words."""

import http.client
import json
import socket
import struct
from pathlib import Path
from typing import Any

from unfelt.adapters.routers import Ended, RetryableRouterError
from unfelt.conf.language import _

PLAINLY = "plainly-"
"""In the name by which the keeper starts Envoy."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, *, timeout: float) -> None:
        super().__init__("envoy", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(admin: Path, path: str, *, method: str = "GET", timeout: float = 1.0) -> str:
    """Envoy's answer; RetryableRouterError when there is none."""
    connection = _Connection(admin, timeout=timeout)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise RetryableRouterError(
            _("Envoy does not answer on {path} ({error}). Its keeper starts it again within a second.").format(
                path=admin, error=error
            )
        ) from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RetryableRouterError(
            _("Envoy answered {status} to {path}: {text}").format(status=answer.status, path=path, text=text[:200])
        )
    return text


def process(admin: Path) -> int:
    """The number of the process behind the socket; 0 where nobody answers or the system cannot say."""
    asked = getattr(socket, "SO_PEERCRED", None)
    if asked is None:
        return 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        try:
            peer.connect(str(admin))
        except OSError:
            return 0
        number, _user, _group = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, asked, 12))
    return int(number)


def is_ready(admin: Path) -> bool:
    """Whether Envoy serves traffic."""
    try:
        return ask(admin, "/ready").strip() == "LIVE"
    except RetryableRouterError:
        return False


def _dump(admin: Path, what: str) -> list[dict[str, Any]]:
    configs: list[dict[str, Any]] = json.loads(ask(admin, f"/config_dump?resource={what}")).get("configs", [])
    return configs


def routes_in_force(admin: Path) -> dict[str, Any]:
    """The route table Envoy has applied, with its `version_info`; empty if there is none yet."""
    tables = _dump(admin, "dynamic_route_configs")
    return tables[0] if tables else {}


def table_in_force(admin: Path) -> dict[str, Any]:
    """The route table that Envoy serves by; RetryableRouterError while it has none, as just after its start."""
    table: dict[str, Any] | None = routes_in_force(admin).get("route_config")
    if table is None:
        raise RetryableRouterError(_("Envoy has no routes yet. Try again in a second."))
    return table


def clusters_in_force(admin: Path) -> dict[str, dict[str, Any]]:
    """The clusters in use, by name, with their `version_info`; those still warming up are not among them."""
    return {one["cluster"]["name"]: one for one in _dump(admin, "dynamic_active_clusters")}


def is_lease_alive(admin: Path) -> bool:
    """Whether Envoy's last checks of the lease were good."""
    hosts = [
        host
        for cluster in json.loads(ask(admin, "/clusters?format=json")).get("cluster_statuses", [])
        if cluster["name"] == "new"
        for host in cluster.get("host_statuses", [])
        if host.get("priority", 0) == 0
    ]
    return bool(hosts) and all(
        host.get("health_status", {}).get("eds_health_status") == "HEALTHY"
        and not host["health_status"].get("failed_active_health_check")
        for host in hosts
    )


def requests_seen(admin: Path) -> int:
    """Requests since Envoy started."""
    return _counted(admin, "downstream_rq_total")


def requests_ended(admin: Path) -> Ended | None:
    """Requests that have ended since Envoy started, each with its line in the log; None when it just started."""
    start, before = times_started_again(admin), _counted(admin, "downstream_rq_active")
    begun = requests_seen(admin)
    after = _counted(admin, "downstream_rq_active")
    if times_started_again(admin) != start:
        return None
    return Ended(start, least=begun - after, most=begun - before)


def _counted(admin: Path, what: str) -> int:
    stats = json.loads(ask(admin, f"/stats?format=json&filter=^http.unfelt.{what}$"))["stats"]
    return int(next((stat["value"] for stat in stats if "value" in stat), 0))


def times_started_again(admin: Path) -> int:
    """How often the keeper had to start it: the keeper tells Envoy, so that it is known with a full disk too."""
    node: str = json.loads(ask(admin, "/server_info"))["node"]["id"]
    return int(node.rpartition("-")[2])


def is_whole(admin: Path) -> bool:
    """Whether it has taken the arms and a route table; without them it is ready too, and serves nobody."""
    try:
        return "old" in clusters_in_force(admin) and bool(routes_in_force(admin))
    except RetryableRouterError:
        return False


def plain_arm(admin: Path) -> str | None:
    """The arm that serves everybody where Envoy was started by its last resort; None where it was not."""
    node: str = json.loads(ask(admin, "/server_info"))["node"]["id"]
    return node.partition(PLAINLY)[2].partition("-")[0] or None


def reopen_log(admin: Path) -> None:
    """Envoy goes on in a new file under the old name."""
    ask(admin, "/reopen_logs", method="POST")
