"""How the router stands between customers and services: as the plan says, and otherwise so that nobody notices."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from unfelt.adapters.routers.envoy.services import CASE

if TYPE_CHECKING:
    from unfelt.documents.rolling import RolloutPlan

RUNTIME = {
    # Without this a path with `#` is refused; with it the part from `#` on, which no server looks at, is cut off.
    "envoy.reloadable_features.http_reject_path_with_fragment": False,
}


@dataclass(frozen=True, slots=True)
class Manner:
    """What a plan says of the connections of customers. host: of a request by HTTP/1.0 that names none."""

    is_secure: bool
    longest_request: float | None
    after_back: float
    trusted_hops: int
    keep_case: bool
    host: str

    def forwarded(self) -> dict[str, Any]:
        """Behind proxies that are trusted their `X-Forwarded-…` pass as they are; else the router is first."""
        if not self.trusted_hops:
            return {"use_remote_address": True}
        return {"use_remote_address": True, "xff_num_trusted_hops": self.trusted_hops, "skip_xff_append": True}

    def http1(self) -> dict[str, Any]:
        """HTTP/1.0 and 1.1."""
        options: dict[str, Any] = {"accept_http_10": True, "default_host_for_http_10": self.host}
        options |= {"allow_custom_methods": True}
        return options | ({"header_key_format": CASE} if self.keep_case else {})

    def lasting(self) -> dict[str, Any]:
        """How long a request may last."""
        return {} if self.longest_request is None else {"max_stream_duration": f"{self.longest_request:g}s"}


def manner(plan: "RolloutPlan") -> Manner:
    """The manner of that plan."""
    longest = plan.longest_request
    return Manner(
        is_secure=plan.tls is not None,
        longest_request=longest.total_seconds() if longest else None,
        after_back=plan.longest_stream.total_seconds(),
        trusted_hops=plan.trusted_hops,
        keep_case=plan.keep_case,
        host=urlsplit(plan.old).netloc,
    )
