"""The change: what is to be done, written down once."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from unfelt.conf.language import Message
from unfelt.documents.bilingual import Text
from unfelt.documents.refusal import RefusalError
from unfelt.documents.rolling import RolloutPlan
from unfelt.documents.sections import Sections
from unfelt.documents.source_kinds import RegisteredSource
from unfelt.documents.values import (
    Amount,
    Bad,
    ColumnSource,
    Customer,
    Customers,
    Duration,
    Fact,
    Fraction,
    Level,
    Line,
    MarginValue,
    Name,
    Part,
    Step,
    Tick,
    TimeOfDay,
    Zone,
    is_empty,
    is_none,
)

Tier = Literal["standard", "normal", "major"]
MODEL_NAME = r"^[a-z][a-z0-9_-]{0,63}(@[0-9a-f]{12})?$"
Candidate = Annotated[
    str,
    Field(
        pattern=r"^([^\s@]{1,200}@)?(sha256:[0-9a-f]{64}|git:[0-9a-f]{40}([0-9a-f]{24})?)$",
        examples=["registry.example/shop@sha256:" + "0" * 64, "git:" + "0" * 40],
    ),
]
"""What is rolled out, by its digest: of an image, of files, or a commit."""
ModelName = Annotated[str, Field(pattern=MODEL_NAME, max_length=80)]
"""A change model, with or without the first twelve digits of its digest: `service-release@0a1b2c3d4e5f`."""


class Subject(Part):
    """What the change is and whose it is."""

    id: Name
    """Its name for ever: lower case, digits, `-` and `_`."""
    title: Text
    """What is done, in one line that a customer could read: a text, or `{en: …, zh: …}`."""
    kind: Literal["software", "address", "organisation"] = "software"
    """What sort of change it is."""
    owner: Line
    """Who answers for it."""
    team: Name | None = Field(default=None, exclude_if=is_none)
    """Whose it is: only members of that team may open it in the console; everybody's if left out."""
    external: Line | None = Field(default=None, exclude_if=is_none)
    """Its number in another system, such as `CHG0031234`."""
    part_of: Name | None = Field(default=None, exclude_if=is_none)
    """The change that it is a part or a consequence of."""
    emergency: bool = Field(default=False, strict=True)
    """Whether it cannot wait for the usual order of things."""
    tier: Tier | None = Field(default=None, exclude_if=is_none)
    """How carefully it is taken: as `normal` if left out."""
    tier_because: Line | None = Field(default=None, exclude_if=is_none)
    """Why it is taken as it is, where its model or its risks would say otherwise."""
    model: ModelName | None = Field(default=None, exclude_if=is_none)
    """The change model that it is made from; in the expanded plan with the model's digest."""
    facts: dict[Name, Fact] = Field(default_factory=dict, exclude_if=is_empty)
    """What is true of it, by which controls do not apply: `{data_moved: false, personal_data: none}`."""


class Expectation(Part):
    """What a need expects of a metric: `{metric: slow_checkout, by: -30%}`."""

    metric: Name
    """A metric of this plan."""
    by: Step
    """How far it is to move: `-30%`."""


class Need(Part):
    """Why the change is made."""

    id: Name
    """Its name."""
    because: Text
    """Who suffers from what, and when: a text, or `{en: …, zh: …}`."""
    source: Line | None = Field(default=None, exclude_if=is_none)
    """Where that is known from: an insight, a ticket, or `none`."""
    expect: Expectation | None = None
    """What will show that the need is met: a metric that moves."""
    shown_by: Line | None = Field(default=None, exclude_if=is_none)
    """What else will show it: a test, a demonstration."""


class Segment(Part):
    """A column that splits customers into groups; every group can veto, one with a margin must be proved."""

    by: Name
    """A column of the experience table, such as `device`; one that is not in `columns` is the header `x-NAME`."""
    margin: MarginValue | None = None
    """How much worse a group may get; given, every group must be proved."""
    values: tuple[str, ...] = ()
    """Fixed beforehand; left empty they come from the baseline. All others count as `other`."""


class Metric(Part):
    """Did something bad happen to the customer within the window? One of bad, slow, count and score says what."""

    id: Name
    """Its name in every report."""
    title: Line | None = None
    """Its name for people."""
    bad: Bad | None = None
    """A scalar SQL expression over the columns of the experience table. Needless for a reconciliation."""
    slow: Amount | None = Field(default=None, exclude_if=is_none)
    """How long something takes, such as `duration_ms`: compared at old's own quantiles."""
    proof: Fraction | None = Field(default=None, exclude_if=is_none)
    """Of `slow`: the quantile of old where the margin holds; `99%`: no more customers than that wait longer."""
    count: Bad | None = Field(default=None, exclude_if=is_none)
    """What may happen several times, such as `status = 429`: who met it at all, at least twice, five times."""
    score: Amount | None = Field(default=None, exclude_if=is_none)
    """How bad it was, from 0 to 1, at its worst; the margin is a difference of means. Not part of the budget."""
    margin: MarginValue
    """How much worse still counts as unfelt: a difference of rates (`0.5%`) or their ratio (`1.5x`)."""
    severity: float = Field(default=1.0, gt=0, le=1000, strict=True)
    """How much it weighs beside the other metrics."""
    observe: Duration | None = None
    """How long one customer is looked at for this metric; left out it is that of `experience`."""
    source: Name = "requests"
    """Where it comes from: `requests`, or a name in `sources`."""


class Experience(Part):
    """Who is one customer, how long they are looked at, and what would be bad for them."""

    customer: Customer
    """`cookie:uid`, `header:x-user`, `claim:sub`, `column:NAME`; a list is tried in order (ids before cookies)."""
    observe: Duration = timedelta(seconds=60)
    """How long one customer is looked at after the first request: the window of every metric without its own."""
    grace: Duration = timedelta(seconds=2)
    """How long after a window's end its last log lines may still come."""
    later: tuple[Duration, ...] = ()
    """Later looks at the same customers, after their exposure; each is a metric of its own with its own weight."""
    columns: dict[Name, ColumnSource] = Field(default_factory=dict)
    """Extra columns: `header:x-region`, `response:x-order`, `cookie:plan`, `query:page`."""
    segments: tuple[Segment, ...] = Field(default=(), max_length=50)
    """Groups of customers that are looked at on their own."""
    metrics: tuple[Metric, ...] = Field(min_length=1, max_length=200)
    """What would be bad for a customer, one yes-or-no question each."""
    sources: dict[Name, RegisteredSource] = Field(default_factory=dict)
    """Where metrics come from besides the router's own log."""


class Peak(Part):
    """A part of the day that promotion must see: `{name: peak, from: "18:00", to: "20:00", zone: Asia/Tokyo}`."""

    name: Name
    """Its name in reports."""
    start: TimeOfDay = Field(alias="from")
    """When it begins, every day."""
    end: TimeOfDay = Field(alias="to")
    """When it ends; earlier than `from` it ends on the next day."""
    zone: Zone = "UTC"
    """The time zone of both."""


def _small_imbalance(imbalance: float) -> float:
    if imbalance > 0.5:
        raise RefusalError(Message("that is no small imbalance"), Message("Allowed: 0% to 50%."))
    return imbalance


Imbalance = Annotated[Fraction, AfterValidator(_small_imbalance)]
"""How far from what was asked still does not matter."""


Unregistered = Literal["report", "hold", "back"]


class GuardPlan(Part):
    """How sure the guard must be, and how many customers may be affected."""

    false_alarm: Level = 0.01
    """How often a harmless change may be sent back."""
    missed_harm: Level = 0.01
    """How often a change beyond a margin may be promoted, and the budget be overrun."""
    impact_budget: Annotated[Customers, Field(ge=1)]
    """How many customers may be affected, at most, up to promotion."""
    tolerated: MarginValue | None = None
    """Harm that never sends the change back; none if left out."""
    tick: Tick = timedelta(seconds=1)
    """How often the guard looks."""
    mode: Literal["advise", "back", "auto"] = "auto"
    """advise: a person acts; back: goes back by itself, a person widens and promotes; auto: both by itself."""
    unmeasured: Duration = timedelta(seconds=60)
    """How long unmeasured may hold before customers go back."""
    unseen: Duration | None = Field(default=None, exclude_if=is_none)
    """How long after the baseline to wait for customers, one in each segment to be proved; no end if left out."""
    unread: Fraction | None = Field(default=None, exclude_if=is_none)
    """What part of a log may be unreadable, or of outcomes missing, before nothing is proved: 1 % if left out."""
    sample_ratio: Imbalance | None = Field(default=None, exclude_if=is_none)
    """By how much the odds of new may differ from the share's before nothing is believed: 0.2 % if left out."""
    unregistered: Unregistered | None = Field(default=None, exclude_if=is_none)
    """What a difference does that no metric names: report, hold the promotion (if left out), or back."""
    when_spent: Literal["back", "hold"] = "back"
    """The budget used up without proof puts everybody on old: back ends the rollout, hold waits for a person."""
    must_see: tuple[Peak, ...] = ()
    """Parts of the day without which nothing is promoted."""
    attempt: int = Field(default=1, ge=1, le=50, strict=True)
    """The k-th attempt gets 3/4^k of missed_harm and what is left of the budget."""


class Essence(Part):
    """What every change says."""

    unfelt: Literal[1]
    """The version of this form of document."""
    change: Subject
    """What the change is and whose it is."""
    needs: tuple[Need, ...] = ()
    """Why it is made."""
    touches: tuple[Name, ...] = ()
    """What customers meet that it can reach: names in catalog.yaml."""
    experience: Experience
    """Who is one customer, and what would be bad for them."""
    guard: GuardPlan
    """How sure the guard must be, and how many customers may be affected."""
    rollout: RolloutPlan | None = None
    """May be left out by a plan that is only used for judging."""
    candidate: Candidate | None = Field(default=None, exclude_if=is_none)
    """What `new` runs, by its digest: `shop@sha256:…`, `git:…`. Evidence of what was tried counts for it alone."""


class Change(Sections, Essence):
    """One change, from need to proof."""
