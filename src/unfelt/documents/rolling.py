"""The part of a plan that says where the traffic is and how it moves."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from unfelt.documents.registered import RouterName
from unfelt.documents.values import Duration, Fraction, Listen, Part, PositiveDuration, Url, is_none


def _is_zero(value: int) -> bool:
    return value == 0


def _is_false(value: bool) -> bool:
    return not value


def _is_follow(value: str) -> bool:
    return value == "follow"


class Tls(Part):
    """How the router shows customers that it is the service: HTTPS, with HTTP/2 for those who speak it."""

    certificate: Annotated[str, Field(min_length=1)]
    """File with the certificate and those above it (PEM); a renewed one is taken up without a restart."""
    key: Annotated[str, Field(min_length=1)]
    """File with its private key (PEM); it is read by the router alone and never copied."""


class Services(Part):
    """How the router speaks to old and new, beside plain HTTP/1.1."""

    ca: Annotated[str, Field(min_length=1)] | None = Field(default=None, exclude_if=is_none)
    """File with the authorities (PEM) that may vouch for services at `https://`; the system's if left out."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)] | None = Field(
        default=None, exclude_if=is_none
    )
    """The name that their certificates must bear; the host of each address if left out."""
    http2: bool = Field(default=False, exclude_if=_is_false)
    """Both services are spoken to by HTTP/2, in the clear too."""


class RolloutPlan(Part):
    """Where the traffic is and how it moves."""

    router: RouterName = "envoy"
    """What moves the traffic."""
    listen: Listen = "127.0.0.1:8080"
    """Where customers reach the router."""
    tls: Tls | None = Field(default=None, exclude_if=is_none)
    """The certificate that customers meet; without one the router speaks plain HTTP."""
    old: Url
    """Where the old version answers."""
    new: Url
    """Where the new version answers."""
    baseline: Duration = timedelta(minutes=5)
    """How long both arms are served by old, to know the base rates."""
    soak: Duration = timedelta(minutes=10)
    """How long the change is watched after everybody is on new."""
    first_share: Fraction = 0.01
    """The first share of customers on new: the first step is never a larger one, however few customers come."""
    largest_share: Fraction = 0.5
    """The largest share before promotion: half and half is the fastest proof."""
    promoting: tuple[Fraction, ...] = (0.75, 1.0)
    """Shares after promotion, one step each; the last one is 100 % less a holdback."""
    step: Duration = timedelta(seconds=30)
    """How long each step after promotion lasts."""
    lease: PositiveDuration = timedelta(seconds=8)
    """How long customers stay on new without a word from the guard."""
    longest_stream: PositiveDuration = timedelta(minutes=5)
    """How long what is open on new may go on once everybody is back on old; then the router ends it."""
    longest_request: PositiveDuration | None = Field(default=None, exclude_if=is_none)
    """The longest that any request may last, on old too; as long as the service likes if left out."""
    services: Services | None = Field(default=None, exclude_if=is_none)
    """How the services are spoken to, where not by plain HTTP/1.1."""
    trusted_hops: int = Field(default=0, ge=0, le=10, strict=True, exclude_if=_is_zero)
    """Proxies in front of the router whose `X-Forwarded-…` are believed; with none the customers come straight."""
    keep_case: bool = Field(default=False, exclude_if=_is_false)
    """Names of headers, and reasons beside statuses, are passed on as they are spelled and not in lower case."""
    pinned: tuple[str, ...] = ()
    """Customers who stay on old throughout."""
    excluded: tuple[str, ...] = ()
    """Customers who are kept out until promotion."""
    anonymous: Literal["follow", "old"] = Field(default="follow", exclude_if=_is_follow)
    """Where requests without an id go once the rollout is done: with everybody, or on old, as before that."""
    writes: str = ""
    """What happens, when customers go back, to what was written on new."""
