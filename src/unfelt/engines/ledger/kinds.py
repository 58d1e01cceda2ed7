"""The kinds of evidence: what each holds, and the verdict that follows from it beside a control's limits."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from unfelt.conf.language import Message
from unfelt.documents.playbook import Origin
from unfelt.documents.values import Role
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.payload import Given, Payload, Said

MOST_ROWS = 50
"""So many rows are kept by name; the numbers count all."""


class SignOff(Payload):
    """A person's word."""

    kind = "sign-off"
    label = Message("sign-off")
    origin = "signed"
    role: Role | None = None
    refused: bool = False
    announced: bool = False
    """The owner of the change gave it, and nobody else: it counts when it is given again after a delay."""
    alone: bool = False
    """It was given again."""
    why: str = ""

    def ruled(self) -> Said | None:
        """A signature is a yes or a no."""
        if self.refused:
            return "fail", Message("{why}", why=self.why or "–")
        if self.announced:
            return "inconclusive", Message("its owner alone signed: a second person signs, or they again tomorrow")
        return "pass", Message("signed by the owner alone") if self.alone else Message("signed")


class Paper(Payload):
    """A document: which, of what day, valid until when, and the headings that it has to have."""

    kind = "document"
    label = Message("document")
    wants = Message("the paper itself, of any format: its bytes are kept")
    is_brought = True
    speaks = True

    name: str
    digest: str
    dated: date | None = None
    until: date | None = None
    missing: tuple[str, ...] = ()

    @classmethod
    def bring(cls, given: Given) -> "Paper":
        """Of a file, whose digest is kept; numbers alone are those of a paper that is elsewhere."""
        if given.content is None and not given.numbers:
            raise GateError(Message("A document is a file: name it with --file."))
        return cls(
            numbers=dict(given.numbers),
            name=given.name,
            digest=hashlib.sha256(given.content).hexdigest() if given.content is not None else "",
            dated=given.dated,
            until=given.until,
            missing=missing_parts(given.content or b"", given.parts),
        )

    def ruled(self) -> Said | None:
        """What has to be in it is in it."""
        if self.missing:
            return "fail", Message("it has no part: {parts}", parts=", ".join(self.missing))
        return None

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Name, day, end."""
        yield Message("file"), self.name
        if self.dated:
            yield Message("dated"), self.dated.isoformat()
        if self.until:
            yield Message("valid until"), self.until.isoformat()


def missing_parts(content: bytes, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The headings (Markdown, reStructuredText or a line of their own) that are not there."""
    lines = {
        re.sub(r"^[#=\s\d.、]+|[#=:：\s]+$", "", line).lower()
        for line in content.decode(errors="replace").splitlines()
    }
    return tuple(part for part in parts if part.strip().lower() not in lines)


def _in_words(said: str | dict[str, object]) -> str:
    return said if isinstance(said, str) else str(Message.of(said))


class Look(BaseModel):
    """One thing looked at from outside: as expected, not so, or (None) not to be seen at all."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    target: str
    expect: str = ""
    good: bool | None
    saw: str | dict[str, object]
    """As text, or as a message with its values."""
    seconds: float = 0.0


class Probed(Payload):
    """Looks from outside; `failed`, `looks` and `slowest` (seconds) follow from them."""

    kind = "probe"
    label = Message("probe")
    wants = Message("what unfelt sees from outside, by the plan's `probes`")
    made_by = "unfelt probe"
    origin = "observed"

    looks: tuple[Look, ...] = ()
    brought: bool = False
    """Somebody else looked, and only the numbers are known: in records of former versions."""

    @classmethod
    def come_by(cls, plain: Mapping[str, Any]) -> Origin:
        """Observed where unfelt itself looked."""
        return "stated" if plain.get("brought") or not plain.get("looks") else "observed"

    @classmethod
    def seen(cls, looks: Sequence[Look]) -> "Probed":
        """What these looks saw, with the numbers that follow from them."""
        return cls(looks=tuple(looks), numbers=cls._counted(looks))

    @staticmethod
    def _counted(looks: Sequence[Look]) -> dict[str, float]:
        slowest = max((look.seconds for look in looks), default=0.0)
        return {"looks": len(looks), "failed": sum(not look.good for look in looks), "slowest": slowest}

    def follows(self) -> bool:
        """Of its looks, where unfelt itself looked."""
        return self.brought or self.numbers == self._counted(self.looks)

    def ruled(self) -> Said | None:
        """Nothing looked at is nothing found; what could not be looked at was not run; all must be as expected."""
        blind = [look.target for look in self.looks if look.good is None]
        if not self.looks and not self.brought:
            return "not_run", Message("there is nothing to look at: write `probes` in the plan")
        if blind:
            return "not_run", Message("it could not be looked at: {targets}", targets=", ".join(blind))
        wrong = [look.target for look in self.looks if not look.good]
        if wrong:
            return "fail", Message("it is not as expected: {targets}", targets=", ".join(wrong))
        return None

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Each target and what was seen."""
        for look in self.looks:
            mark = {True: "✓", False: "✗", None: "?"}[look.good]
            yield Message("{target}", target=look.target), f"{mark} {_in_words(look.saw)}"


class RolloutFound(Payload):
    """What a rollout of unfelt ended with."""

    kind = "rollout"
    label = Message("rollout")
    wants = Message("how a rollout by unfelt ended")
    made_by = "unfelt run"
    origin = "observed"
    tries = True

    rollout: str
    state: str
    rates: dict[str, tuple[int, int, int, int]] = Field(default_factory=dict)
    """By metric, over everybody: customers of old and those who met it, customers of new and those who did."""

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Which, and how it ended."""
        yield Message("rollout"), f"{self.rollout}: {self.state}"


class Judged(Payload):
    """What the guard says about recorded or simulated customers."""

    kind = "judgement"
    label = Message("judgement")
    wants = Message("what the guard says about recorded or simulated customers")
    origin = "derived"
    made_by = "unfelt plan --record, unfelt calibrate --record"

    of: str
    bounds: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """Of numbers that were estimated: between which they lie, at 95 % confidence."""
    is_open: bool = False
    """Too little was played to tell."""

    def ruled(self) -> Said | None:
        """What is not decided decides nothing."""
        return ("inconclusive", Message("too few rollouts were played to tell")) if self.is_open else None

    def between(self, name: str) -> tuple[float, float] | None:
        """The bounds of the number, where it was estimated."""
        return self.bounds.get(name)

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Of what."""
        yield Message("judged"), self.of


class Answers(Payload):
    """What people answered: how many were asked, how many did."""

    kind = "answers"
    label = Message("answers")
    wants = Message("what people answered, counted: a file of numbers, or typed")
    is_brought = True
    asked: int = Field(default=0, ge=0)
    answered: int = Field(default=0, ge=0)

    @classmethod
    def bring(cls, given: Given) -> "Answers":
        """Of numbers."""
        return cls(numbers=dict(given.numbers))

    def lines(self) -> Iterator[tuple[Message, str]]:
        """How many of how many."""
        if self.asked:
            yield Message("answered"), f"{self.answered} / {self.asked}"


class Rows(Payload):
    """What was counted, and the first of what was found wanting."""

    kind = "rows"
    label = Message("rows")
    wants = Message("what was counted: a file of numbers, or typed")
    is_brought = True
    of: str = ""
    wanting: tuple[str | dict[str, object], ...] = Field(default=(), max_length=MOST_ROWS)
    """Sentences, as text or as a message with its values."""

    @classmethod
    def bring(cls, given: Given) -> "Rows":
        """Of numbers, and of a file with more of them."""
        return cls(numbers=dict(given.numbers), of=given.name)

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Each row that is wanting."""
        if self.of:
            yield Message("counted"), self.of
        for row in self.wanting:
            yield Message("wanting"), _in_words(row)
