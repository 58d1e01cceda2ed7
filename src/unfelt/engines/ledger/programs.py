"""Evidence that other programs give: run by unfelt itself, or reports that somebody brings."""

from collections.abc import Iterator, Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.playbook import Origin
from unfelt.engines.ledger.payload import Given, Payload, Said
from unfelt.engines.ledger.reports.form import State
from unfelt.engines.ledger.reports.read import READER
from unfelt.engines.ledger.reports.verdict import of_report

NO_TOOL = ("", "JSON", "CSV")
"""Forms of numbers that no named tool wrote."""


class CommandRan(Payload):
    """A program that was run to its end, or was not: its exit code, None where it was stopped or did not begin."""

    kind = "command"
    label = Message("command")
    wants = Message("a program that unfelt runs to its end: its exit code, and the numbers that it prints")
    speaks = True
    origin = "read"
    tries = True
    made_by = "unfelt run-control"

    program: str
    code: int | None
    why: str = ""
    state: State = "ran"
    said: dict[str, object] | None = None
    """What the report that it wrote is of, and why nothing follows from its numbers where it is not of a run."""
    report_digest: str = ""
    """Of the report that it wrote, in SHA-256; empty where it wrote none that was asked for."""
    against_digest: str = ""
    """Of the report of the old version."""
    peak: float | None = None
    """What `load` is a multiple of, in requests a second."""
    reader: int = 0
    """Which reader read the report; 0 where there is none, and in records of former versions."""

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


class Reported(Payload):
    """A report of another program."""

    kind = "report"
    label = Message("report")
    wants = Message("the file that another program wrote, just as it wrote it")
    is_brought = True
    tries = True
    origin = "read"
    format: str
    tool: str = ""
    against: str = ""
    """The report that it was compared with."""
    typed: tuple[str, ...] | None = None
    """The numbers that a person typed or named anew; None in records of former versions, which did not say."""
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
            return cls(numbers=numbers, format="", typed=given.typed)
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
            typed=given.typed,
        )

    def ruled(self) -> Said | None:
        """Nothing that ran is no pass, nor is a run that failed or was too short; else the numbers decide."""
        return of_report(self.state, self.why)

    @classmethod
    def come_by(cls, plain: Mapping[str, Any]) -> Origin:
        """Read where a named tool wrote all of it; numbers that a person typed beside it make it stated."""
        is_of_tool = plain.get("format", "") not in NO_TOOL and plain.get("typed") == []
        return "read" if is_of_tool else "stated"

    def lines(self) -> Iterator[tuple[Message, str]]:
        """Where it is from."""
        yield Message("report"), " ".join(part for part in (self.format, self.tool) if part)
        if self.against:
            yield Message("compared with"), self.against
