"""What a probe keeps to, driven for real at services of this machine."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from unfelt.adapters.http import Policy
from unfelt.adapters.probes.form import Asked, Look, Seen
from unfelt.adapters.probes.looking import look_for
from unfelt.testing.contracts.checks import Check, broken
from unfelt.testing.contracts.services import HERE, closed_port, silent

WITHIN = 1.0
"""Seconds that a look may take here."""
SLACK = 2.0
"""Seconds that a loaded machine adds."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Of a probe: a service that answers as is due, and how a service at a port is named.

    target: where `PORT` stands for the port. expect: what is to be seen at a sound one. server: the same for the
    name server that is asked, where one is. opens: that a connection is taken is all that is looked for.
    """

    target: str
    port: int
    expect: str = ""
    server: str = ""
    opens: bool = False

    def asked(self, port: int, policy: Policy = HERE, expect: str | None = None) -> Asked:
        """The look at a service at that port."""
        target, server = (one.replace("PORT", str(port)) for one in (self.target, self.server))
        return Asked(target, policy, self.expect if expect is None else expect, WITHIN, server)


@dataclass(frozen=True, slots=True)
class Site:
    """A probe, and what it looks at."""

    look: Look
    targets: Targets

    def seen(self, asked: Asked, *goods: bool | None) -> Iterator[str]:
        """What is wrong with what it sees there: one of `goods` is due, in time, and in both languages."""
        began = time.monotonic()
        seen = self.look(asked)
        if (took := time.monotonic() - began) > WITHIN + SLACK:
            yield f"It took {took:.1f} s, and {WITHIN:g} s were given."
        if not isinstance(seen, Seen) or seen.good not in goods:
            yield f"It saw {seen}."
        else:
            yield from _unspoken(seen)


def _unspoken(seen: Seen) -> Iterator[str]:
    if not str(seen.saw).strip():
        yield "It has no word for what it saw."


def probe_faults(probe: str | Look, targets: Targets) -> list[str]:
    """What the probe does not keep to, by the scheme of its targets or as it is; empty where all holds."""
    look = look_for(probe) if isinstance(probe, str) else probe
    return broken(CHECKS, Site(look, targets))


def sees_what_is_sound(site: Site) -> Iterator[str]:
    """A service that answers as expected is good."""
    yield from site.seen(site.targets.asked(site.targets.port), True)


def sees_what_is_not(site: Site) -> Iterator[str]:
    """A service that refuses is never good."""
    yield from site.seen(site.targets.asked(closed_port()), False, None)


def gives_up_on_silence(site: Site) -> Iterator[str]:
    """A service that says nothing is not good, and is waited for no longer than was given."""
    with silent() as port:
        yield from site.seen(site.targets.asked(port), *((True,) if site.targets.opens else (False, None)))


def calls_nobody_unasked(site: Site) -> Iterator[str]:
    """An address that may not be called is not: nothing can be seen, with one word whatever is there."""
    nowhere, said = Policy(), set()
    for port in (site.targets.port, closed_port()):
        seen = site.look(site.targets.asked(port, nowhere))
        said.add(str(seen.saw))
        if seen.good is not None:
            yield f"It saw {seen}."
    if len(said) > 1:
        yield f"It tells whether somebody is there: {sorted(said)}."


def does_not_raise(site: Site) -> Iterator[str]:
    """What is expected and makes no sense is said, and nothing raises."""
    for nonsense in ("\0", "é" * 5_000):
        seen = site.look(site.targets.asked(site.targets.port, expect=nonsense))
        if seen.good is True and not site.targets.opens:
            yield f"With {nonsense[:3]!r} expected it saw {seen}."


CHECKS: tuple[Check[Site], ...] = (
    sees_what_is_sound,
    sees_what_is_not,
    gives_up_on_silence,
    calls_nobody_unasked,
    does_not_raise,
)
