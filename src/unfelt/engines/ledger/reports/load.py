"""What tests of load have in common: requests, failures, rate, waits; and when one says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import RAN, Ran, Report, numbers

MOST_FAILED = 0.5
"""Where so many failed, what the others waited says nothing."""
SHORTEST = 5.0
"""Seconds: what a shorter run found says nothing about a load that is carried."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was counted: None where the report does not say. waits: quantiles in seconds, by their percent."""

    requests: float | None
    failures: float | None
    rate: float | None
    seconds: float | None = None
    waits: Mapping[int, float | None] = field(default_factory=dict)
    more: Mapping[str, float | None] = field(default_factory=dict)
    broke: Message | None = None
    """Why it failed by its own rules."""

    def report(self, tool: str) -> Report:
        """Its numbers, and what they are worth."""
        part = self.failures / self.requests if self.requests and self.failures is not None else None
        found = {"requests": self.requests, "failures": self.failures, "failed_part": part, "rate": self.rate}
        found |= {f"p{p}": wait for p, wait in self.waits.items()} | dict(self.more)
        return Report(tool, numbers(found), ran=self._ran())

    def _ran(self) -> Ran:
        """No request came to its end, all failed, it failed by its own rules, or it was too short."""
        if self.broke is not None:
            return Ran("broken", self.broke)
        if not self.requests or self.requests < 0:
            return Ran("nothing", Message("no request came to its end"))
        if self.failures is not None and self.failures >= MOST_FAILED * self.requests:
            bad, n = round(self.failures), round(self.requests)
            return Ran("broken", Message("{bad} of {n} requests failed", bad=bad, n=n))
        seconds = self.seconds
        if seconds is None and self.rate and self.rate > 0:
            seconds = self.requests / self.rate
        if seconds is not None and seconds < SHORTEST:
            said = Message("it lasted {n} s: a run of {least} s is due", n=f"{seconds:.3g}", least=f"{SHORTEST:g}")
            return Ran("little", said)
        return RAN
