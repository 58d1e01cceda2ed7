"""The kinds of evidence: what each holds, and the verdict that follows from it beside a control's limits."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from unfelt.conf.language import Message
from unfelt.documents.values import Role
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.payload import Given, Payload, Said
from unfelt.engines.ledger.reports.form import State
from unfelt.engines.ledger.reports.read import READER
from unfelt.engines.ledger.reports.verdict import of_report

MOST_ROWS = 50
"""So many rows are kept by name; the numbers count all."""


class SignOff(Payload):
    """A person's word."""

    kind = "sign-off"
    label = Message("sign-off")
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


class CommandRan(Payload):
    """A program that was run to its end, or was not: its exit code, None where it was stopped or did not begin."""

    kind = "command"
    label = Message("command")
    speaks = True
    made_by = "unfelt run-control"

    program: str
    code: int | None
    why: str = ""
    state: State = "ran"
    said: dict[str, object] | None = None
    """What the report that it wrote is of, and why nothing follows from its numbers where it is not of a run."""

    def ruled(self) -> Said | None:
        """What was not run to its end never passes; another exit code than 0 fails; then its report is asked."""
        if self.code is None:
            return "not_run", Message("it was not run to its end: {why}", why=self.why or "–")
        if self.code:
            return "fail", Message("it ended with exit code {code}", code=self.code)
        return of_report(self.state, self.said)

    def lines(self) -> Iterator[tuple[Message, str]]:
        """The program and its exit code."""
        yield Message("program"), self.program
        yield Message("exit code"), "–" if self.code is None else str(self.code)


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
    made_by = "unfelt probe"

    looks: tuple[Look, ...] = ()
    brought: bool = False
    """Somebody else looked, and only the numbers are known: in records of former versions."""

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


class Reported(Payload):
    """A report of another program."""

    kind = "report"
    label = Message("report")
    is_brought = True
    format: str
    tool: str = ""
    against: str = ""
    """The report that it was compared with."""
    against_digest: str = ""
    """Of its content, in SHA-256."""
    peak: float | None = None
    """What `load` is a multiple of, in requests a second."""
    state: State = "ran"
    why: dict[str, object] | None = None
    """Why nothing follows from its numbers where it is not of a run, as a message with its values."""
    reader: int = 0
    """Which reader read it: 0 in records of former versions, and where only numbers were brought."""

    @classmethod
    def bring(cls, given: Given) -> "Reported":
        """Of the file that another program wrote, or of its numbers."""
        numbers, report = dict(given.numbers), given.report
        if report is None:
            return cls(numbers=numbers, format="")
        return cls(
            numbers=numbers,
            format=report.format,
            tool=report.tool,
            against=given.against,
            against_digest=given.against_digest,
            peak=given.peak,
            state=report.ran.state,
            why=report.ran.why.plain() if report.ran.why is not None else None,
            reader=READER,
        )

    def ruled(self) -> Said | None:
        """Nothing that ran is no pass, nor is a run that failed or was too short; else the numbers decide."""
        return of_report(self.state, self.why)

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Where it is from."""
        yield Message("report"), " ".join(part for part in (self.format, self.tool) if part)
        if self.against:
            yield Message("compared with"), self.against


class RolloutFound(Payload):
    """What a rollout of unfelt ended with."""

    kind = "rollout"
    label = Message("rollout")
    made_by = "unfelt run"

    rollout: str
    state: str

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Which, and how it ended."""
        yield Message("rollout"), f"{self.rollout}: {self.state}"


class Judged(Payload):
    """What the guard says about recorded or simulated customers."""

    kind = "judgement"
    label = Message("judgement")
    made_by = "unfelt plan --record, unfelt calibrate --record"

    of: str

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Of what."""
        yield Message("judged"), self.of


class Answers(Payload):
    """What people answered: how many were asked, how many did."""

    kind = "answers"
    label = Message("answers")
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
