"""Parts of a plan that say more than what moves: why it is so today, who does what, what it costs, what may fail.

Each may be left out; a plan that leaves one out keeps the digest it had before there was one.
"""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.moments import Day, Moment, MoneyValue
from unfelt.documents.refusal import RefusalError
from unfelt.documents.values import (
    Customers,
    Duration,
    Fraction,
    Line,
    Name,
    Part,
    Role,
    checked_by,
    is_empty,
    is_none,
)

TARGET = r"^([a-z][a-z0-9]*)://[^\s/]+(/\S*)?$"


class AsIs(Part):
    """How it is today: the ground on which the change stands."""

    architecture: Line
    """What there is, in a few lines."""
    pains: tuple[Line, ...] = ()
    """What hurts about it."""


class Adjustment(Part):
    """What feedback has changed in this plan."""

    feedback: Line
    """The feedback by its number or address: `F-12`."""
    part: Line
    """The part of the plan that was changed, such as `/rollout/soak`."""
    what: Line
    """What was changed, and why."""


class Window(Part):
    """When the change may move customers."""

    start: Moment = Field(alias="from")
    """The earliest moment."""
    end: Moment = Field(alias="to")
    """By when it is to be finished."""


class Step(Part):
    """One step of the work, or of the way back."""

    id: Name
    """Its name."""
    what: Line
    """What is done."""
    serves: Name | None = None
    """The need that it serves."""
    takes: Duration = timedelta(minutes=10)
    """How long it takes usually."""
    may_take: Duration | None = None
    """How long it takes at worst."""
    by: Name | None = None
    """Who does it: a name in `people`."""
    skill: Name | None = None
    """What one has to know for it."""
    after: tuple[Name, ...] = ()
    """Steps that must be finished before it begins."""
    no_return: bool = Field(default=False, strict=True)
    """Whether nobody can go back once it is done."""


class Away(Part):
    """When somebody cannot be reached."""

    start: Moment = Field(alias="from")
    """From when on."""
    end: Moment = Field(alias="to")
    """Until when."""


class Person(Part):
    """Somebody with a part in the change."""

    id: Name
    """What the plan calls them."""
    name: Line
    """Who they are: the name that signs."""
    roles: tuple[Role, ...] = ()
    """What they answer for."""
    skills: tuple[Name, ...] = ()
    """What they know."""
    deputy: Name | None = None
    """Who stands in for them."""
    away: tuple[Away, ...] = ()
    """When they cannot be reached."""


class Risk(Part):
    """One way to fail."""

    id: Name
    """Its name."""
    kind: Literal["technical", "business", "experience"]
    """What sort of harm it would be."""
    on: Name | None = None
    """What it happens to: a name in `touches`."""
    what: Line
    """What would happen."""
    chance: Fraction
    """How likely it is in this change."""
    affects: Customers
    """How many customers it would reach before somebody stops it."""
    response: Literal["avoid", "reduce", "transfer", "accept"]
    """What is done about it."""
    barrier: Line | None = None
    """What stops or lessens it: the name of a control, or a sentence."""
    trigger: Name | None = None
    """The metric that shows it coming."""


class Cost(Part):
    """One item of cost."""

    what: Line
    """What is paid for."""
    amount: MoneyValue
    """What it costs usually."""
    at_most: MoneyValue | None = None
    """What it costs at worst."""


class Costs(Part):
    """What the change may cost."""

    budget: MoneyValue
    """What there is for it."""
    items: tuple[Cost, ...] = Field(min_length=1)
    """What it will be spent on, in the budget's currency."""


class Duty(Part):
    """How one obligation of the playbook is met."""

    duty: Name
    """The obligation's name."""
    met_by: Line
    """By what: a paper, a consent, a rule of operation."""


class Course(Part):
    """What people have to learn anew."""

    about: Name
    """What it is about: a name in `touches`."""
    audience: Line
    """Who learns it."""
    how: Line
    """In which way, and by when."""


class Partner(Part):
    """Somebody outside with a part in the change."""

    name: Line
    """Who it is."""
    part: Line
    """What they do in it."""
    papers_until: Day | None = None
    """How long their contract and certificates are valid."""


class Criterion(Part):
    """What good means, in a sentence, and what shows it."""

    says: Line
    """The standard."""
    metric: Name | None = None
    """The metric that shows whether it is met."""


def _check_target(text: str) -> None:
    found = re.match(TARGET, text)
    if found is None or found[1] not in plugins.names("probe") or not _names_port(text):
        raise RefusalError(Message("it does not say what is to be looked at"), _allowed_targets())


def _names_port(text: str) -> bool:
    return not text.startswith(("tcp:", "tls:")) or re.search(r":[0-9]{1,5}$", text) is not None


def _allowed_targets() -> Message:
    ours = Message(
        "Allowed: http:// or https:// with a path, tcp://HOST:PORT, tls://HOST:PORT, dns://NAME/TYPE, "
        "mail://DOMAIN."
    )
    more = sorted(set(plugins.names("probe")) - plugins.PARTS["probe"].keys())
    if not more:
        return ours
    return Message("{ours} And: {more}.", ours=ours, more=", ".join(f"{name}://…" for name in more))


Target = Annotated[str, checked_by(_check_target)]


class Probe(Part):
    """Something that unfelt looks at from outside."""

    control: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$", max_length=80)]
    """The control that it answers."""
    target: Target
    """What is looked at: `https://shop.example/contact`, `tcp://10.0.0.5:5432`, `dns://shop.example/A`."""
    expect: Line | None = None
    """What is to be seen: a text on the page, `closed` for a port, the least life of a certificate (`14d`), a
    record, the least DMARC policy (`quarantine`). Left out: that it answers."""
    within: Duration = timedelta(seconds=10)
    """How long it may take."""
    server: Line | None = None
    """The name server that is asked, HOST:PORT; that of the machine if left out."""


class Sections(Part):
    """What a change may say besides what moves and how it is watched."""

    as_is: AsIs | None = Field(default=None, exclude_if=is_none)
    """How it is today."""
    adjusted: tuple[Adjustment, ...] = Field(default=(), exclude_if=is_empty)
    """What feedback has changed in this plan."""
    window: Window | None = Field(default=None, exclude_if=is_none)
    """When it may move customers."""
    steps: tuple[Step, ...] = Field(default=(), exclude_if=is_empty)
    """The work, step by step."""
    way_back: tuple[Step, ...] = Field(default=(), exclude_if=is_empty)
    """The way back, step by step, besides what the router does by itself."""
    people: tuple[Person, ...] = Field(default=(), exclude_if=is_empty)
    """Who has a part in it."""
    risks: tuple[Risk, ...] = Field(default=(), exclude_if=is_empty)
    """What may fail."""
    costs: Costs | None = Field(default=None, exclude_if=is_none)
    """What it may cost."""
    duties: tuple[Duty, ...] = Field(default=(), exclude_if=is_empty)
    """How obligations are met."""
    courses: tuple[Course, ...] = Field(default=(), exclude_if=is_empty)
    """What people have to learn anew."""
    partners: tuple[Partner, ...] = Field(default=(), exclude_if=is_empty)
    """Who outside has a part in it."""
    criteria: tuple[Criterion, ...] = Field(default=(), exclude_if=is_empty)
    """What good means."""
    probes: tuple[Probe, ...] = Field(default=(), exclude_if=is_empty)
    """What unfelt looks at from outside: unfelt probe."""
