"""The playbook: areas of practice as controls, each asking one question that evidence answers."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from unfelt.conf.language import Message
from unfelt.documents.catalog import Title
from unfelt.documents.change import Tier
from unfelt.documents.refusal import RefusalError
from unfelt.documents.registered import EvidenceKind
from unfelt.documents.units import format_duration, format_fraction, parse_duration, parse_fraction
from unfelt.documents.values import Duration, Line, Name, Part, Role, is_empty, is_none

Gate = Literal["plan", "ready", "go", "proof", "close", "programme"]
Origin = Literal["observed", "derived", "read", "stated", "signed"]
"""How evidence was come by: unfelt measured it, computed it from records, or read it in a named tool's file; a
person typed it, or signed."""
Least = Literal["observed", "derived", "read", "stated"]
"""The least origin that a control accepts; `stated` takes a signature too."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a number of the evidence has to be: `<= 0`, `>= 80%`, `<= 4h`, `>= 1.3x`.

    unit: `` for a count, `%` and `x` for parts and ratios, `s` for seconds; value is in it, parts as fractions.
    """

    sense: Literal["<=", ">="]
    value: float
    unit: Literal["", "%", "x", "s"]

    def holds(self, number: float) -> bool:
        """The number, in the limit's unit, is within it."""
        return number <= self.value if self.sense == "<=" else number >= self.value

    def shown(self, number: float) -> str:
        """A number beside the limit, in its unit, to four digits.

        >>> parse_limit(">= 98%").shown(0.965), parse_limit("<= 4h").shown(90.0), parse_limit("<= 0").shown(2)
        ('96.5%', '90s', '2')
        """
        if self.unit == "%":
            return f"{100 * number:.4g}%"
        return f"{number:.4g}{self.unit}"

    def __str__(self) -> str:
        if self.unit == "%":
            return f"{self.sense} {format_fraction(self.value)}"
        if self.unit == "s":
            return f"{self.sense} {format_duration(timedelta(seconds=self.value))}"
        return f"{self.sense} {self.value:g}{self.unit}"


def parse_limit(text: object) -> Limit:
    """`<= 0`, `>= 80%`, `<= 4h`, `>= 1.3x`.

    >>> parse_limit(">= 80%")
    Limit(sense='>=', value=0.8, unit='%')
    >>> parse_limit("<= 4h")
    Limit(sense='<=', value=14400.0, unit='s')
    """
    match = re.fullmatch(r"\s*(<=|>=)\s*(\S.*?)\s*", text) if isinstance(text, str) else None
    if match is None:
        raise RefusalError(Message("a limit is due"), Message("Allowed: `<= 0`, `>= 80%`, `<= 4h`, `>= 1.3x`."))
    sense: Literal["<=", ">="] = "<=" if match[1] == "<=" else ">="
    if re.fullmatch(r"[0-9]{1,12}", match[2]):
        return Limit(sense, float(match[2]), "")
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?x", match[2]):
        return Limit(sense, float(match[2][:-1]), "x")
    if match[2].endswith("%"):
        return Limit(sense, parse_fraction(match[2]), "%")
    return Limit(sense, parse_duration(match[2]).total_seconds(), "s")


def _limit(value: object) -> Limit:
    return value if isinstance(value, Limit) else parse_limit(value)


LimitValue = Annotated[
    Limit,
    BeforeValidator(_limit),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\s*(<=|>=)\s*\S.*$", "examples": ["<= 0", ">= 80%"]}),
]


def _pointer(text: str) -> str:
    if not re.fullmatch(r"(/([^~/]|~[01])*)+", text):
        raise RefusalError(
            Message("a part of the plan is due"), Message("Write a JSON Pointer such as /experience/metrics.")
        )
    return text


Pointer = Annotated[str, AfterValidator(_pointer), WithJsonSchema({"type": "string", "examples": ["/guard"]})]
ControlId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$", max_length=80)]


class Control(Part):
    """One item of an area: a question, who answers for it, and what counts as an answer."""

    id: ControlId
    """Its name for ever: `testing.performance`."""
    title: Title
    """What people call it."""
    question: Title
    """What it asks, in one sentence."""
    gates: tuple[Gate, ...] = Field(min_length=1)
    """Which gates ask for it; `programme`: work that recurs, asked only for freshness."""
    owner: Role
    """Whose it is."""
    brought_by: tuple[Role, ...] = Field(default=(), exclude_if=is_empty)
    """Roles that may bring evidence for it in the console and by the API, beside its owner."""
    evidence: tuple[EvidenceKind, ...] = Field(min_length=1)
    """The kinds of evidence it accepts, strongest first."""
    least: Least = Field(default="stated", exclude_if=lambda one: one == "stated")
    """The least origin that it accepts; go and proof never rest on what was stated or signed alone."""
    limits: dict[Name, LimitValue] = Field(default_factory=dict)
    """What the numbers of its evidence have to be."""
    reads: dict[EvidenceKind, dict[Name, Name]] = Field(default_factory=dict)
    """What its numbers are called in a kind of evidence: `{probe: {mismatches: failed}}`."""
    relies_on: tuple[Pointer, ...] = Field(min_length=1)
    """The parts of the plan that its evidence is about: only an edit there makes it stale."""
    valid: Duration
    """How long evidence counts after it was found."""
    tiers: tuple[Tier, ...] = Field(min_length=1)
    """The tiers of change that ask for it."""
    emergency: Literal["before", "after"] | None = None
    """In an emergency: before anything moves, or owed afterwards; not at all if left out."""
    unless: dict[Name, str] = Field(default_factory=dict)
    """Facts under which it does not apply: `{data_moved: "false"}`."""


class Area(Part):
    """An area of practice."""

    id: Name
    """Its name for ever."""
    title: Title
    """What people call it."""
    clauses: dict[Name, Line] = Field(default_factory=dict)
    """Where standards ask for it, by standard."""
    controls: tuple[Control, ...] = Field(min_length=1)
    """Its items."""


class Obligation(Part):
    """What a change owes by law or contract where a fact is so."""

    id: Name
    """Its name: plans say under it how they meet it."""
    title: Title
    """What is owed, in our own words; a person checks the law."""
    when: dict[Name, str] = Field(min_length=1)
    """Facts, all of which hold: `{personal_data: moved}`."""


class PlaybookHead(Part):
    """Which playbook it is."""

    id: Name
    """Its name for ever."""
    title: Title
    """What people call it."""
    self_approval: Duration = timedelta(hours=24)
    """How long the owner of a change waits to sign alone a second time, where nobody else can."""
    tier: Literal["normal", "major"] | None = Field(default=None, exclude_if=is_none)
    """How carefully a change is taken whose plan does not say; left out, the console takes no such plan."""
    may_waive: tuple[Role, ...] = ("change_manager", "approver")
    """Who may give waivers, where a plan names people for these roles."""
    emergency_owes: int = Field(default=5, ge=0, le=90, strict=True)
    """Working days within which an emergency answers what it owes."""


class Playbook(Part):
    """Areas of practice as controls. A team forks it, tightens or loosens limits, and adds controls of its own."""

    unfelt: Literal[1]
    """The version of this form of document."""
    playbook: PlaybookHead
    """Which playbook it is."""
    areas: tuple[Area, ...] = Field(min_length=1)
    """The areas, in order."""
    obligations: tuple[Obligation, ...] = ()
    """What changes owe by law or contract."""

    @property
    def controls(self) -> tuple[Control, ...]:
        """All controls, in order of areas."""
        return tuple(control for area in self.areas for control in area.controls)
