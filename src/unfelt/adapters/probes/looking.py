"""All that a plan wants looked at, each by what its target begins with."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from unfelt.adapters.addresses import Policy
from unfelt.adapters.probes.form import Asked, Look, Seen
from unfelt.adapters.probes.names import mail, record
from unfelt.adapters.probes.network import certificate, page, port
from unfelt.documents.sections import Probe

LOOKS: Mapping[str, Look] = {
    "http": page,
    "https": page,
    "tcp": port,
    "tls": certificate,
    "dns": record,
    "mail": mail,
}
"""The look for each scheme of a target."""
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Looked:
    """A probe, what it saw, and how long that took in seconds."""

    probe: Probe
    seen: Seen
    seconds: float


def look_at(probes: Iterable[Probe], *, policy: Policy) -> tuple[Looked, ...]:
    """Every probe's answer, in order; several are looked at at once, all within the policy."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return tuple(pool.map(partial(_one, policy=policy), probes))


def _one(probe: Probe, *, policy: Policy) -> Looked:
    asked = Asked(probe.target, policy, probe.expect or "", probe.within.total_seconds(), probe.server or "")
    began = time.monotonic()
    seen = LOOKS[urlsplit(probe.target).scheme](asked)
    return Looked(probe, seen, time.monotonic() - began)
