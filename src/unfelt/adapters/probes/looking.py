"""All that a plan wants looked at, each by what its target begins with."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from unfelt.adapters.addresses import Policy
from unfelt.adapters.probes.form import Asked, Look, Seen
from unfelt.conf import plugins
from unfelt.documents.sections import Probe

AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Looked:
    """A probe, what it saw, and how long that took in seconds."""

    probe: Probe
    seen: Seen
    seconds: float


def look_for(scheme: str) -> Look:
    """How a target that begins so is looked at: it is registered as `probe`; UnknownPartError where it is not."""
    found: Look = plugins.part("probe", scheme)
    return found


def look_at(probes: Iterable[Probe], *, policy: Policy) -> tuple[Looked, ...]:
    """Every probe's answer, in order; several are looked at at once, all within the policy."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return tuple(pool.map(partial(_one, policy=policy), probes))


def _one(probe: Probe, *, policy: Policy) -> Looked:
    asked = Asked(probe.target, policy, probe.expect or "", probe.within.total_seconds(), probe.server or "")
    began = time.monotonic()
    seen = look_for(urlsplit(probe.target).scheme)(asked)
    return Looked(probe, seen, time.monotonic() - began)
