"""What a control asks of evidence, and the verdict that follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Limit, parse_limit
from unfelt.engines.ledger.payload import Payload, Said


@dataclass(frozen=True, slots=True)
class Rules:
    """What a verdict on numbers follows from: limits, and what a kind of evidence calls their numbers."""

    limits: Mapping[str, Limit]
    reads: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, control: Control) -> "Rules":
        """Those of the control as it is now."""
        reads: dict[tuple[str, str], str] = {}
        for kind, names in control.reads.items():
            reads |= {(kind, name): source for name, source in names.items()}
        return cls(control.limits, reads)

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> "Rules":
        """Those that `texts` wrote down."""
        return _rules(tuple(sorted(texts.items())))

    def texts(self) -> dict[str, str]:
        """As the ledger keeps them: `{"mismatches": "<= 0", "probe:mismatches": "failed"}`."""
        limits = {name: str(limit) for name, limit in self.limits.items()}
        return limits | {f"{kind}:{name}": source for (kind, name), source in self.reads.items()}

    def judge(self, payload: Payload) -> Said:
        """By what the payload says itself, else by its numbers beside the limits; no number decides nothing."""
        ruled = payload.ruled()
        if ruled is not None:
            return ruled
        numbers = self.numbers(payload)
        missing = [name for name in self.limits if name not in numbers]
        held = {name: self.holds(payload, name, numbers[name]) for name in self.limits if name in numbers}
        beyond = [self._shown(name, numbers) for name, holds in held.items() if holds is False]
        unsure = [self._shown(name, numbers) for name, holds in held.items() if holds is None]
        if not self.limits and not payload.speaks:
            return "inconclusive", Message("the control has no limit for its numbers")
        if beyond:
            return "fail", Message("beyond its limits: {beyond}", beyond=", ".join(beyond))
        if missing:
            return "inconclusive", Message("it does not say: {missing}", missing=", ".join(missing))
        if unsure:
            return "inconclusive", Message("it may be beyond its limits: {unsure}", unsure=", ".join(unsure))
        return "pass", Message("within its limits")

    def holds(self, payload: Payload, name: str, number: float) -> bool | None:
        """Within the limit with all that it may be, beyond it with all of that, or neither."""
        limit, between = self.limits[name], payload.between(self.reads.get((payload.kind, name), name))
        if between is None:
            return limit.holds(number)
        ends = {limit.holds(end) for end in between}
        return ends.pop() if len(ends) == 1 else None

    def _shown(self, name: str, numbers: Mapping[str, float]) -> str:
        return f"{name} = {self.limits[name].shown(numbers[name])} ({self.limits[name]})"

    def numbers(self, payload: Payload) -> dict[str, float]:
        """The payload's numbers under the names of the limits too."""
        found, kind = dict(payload.numbers), payload.kind
        for name in self.limits:
            source = self.reads.get((kind, name))
            if source is not None and name not in found and source in found:
                found[name] = found[source]
        return found

    def answers(self, payload: Payload) -> bool:
        """The payload has every number that the limits ask for."""
        return set(self.limits) <= set(self.numbers(payload))


@lru_cache(maxsize=1000)
def _rules(texts: tuple[tuple[str, str], ...]) -> Rules:
    limits, reads = {}, {}
    for name, text in texts:
        kind, colon, limit = name.partition(":")
        if colon:
            reads[kind, limit] = text
        else:
            limits[name] = parse_limit(text)
    return Rules(limits, reads)
