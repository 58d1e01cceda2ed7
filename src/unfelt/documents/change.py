"""The change: what is to be done, written down once."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from unfelt.documents.units import Margin, parse_customers, parse_duration, parse_fraction, parse_margin


def _parsed(parse: Any, kind: type) -> BeforeValidator:  # noqa: ANN401
    return BeforeValidator(lambda value: value if isinstance(value, kind) else parse(value))


Duration = Annotated[timedelta, _parsed(parse_duration, timedelta)]
Fraction = Annotated[float, _parsed(parse_fraction, float)]
MarginValue = Annotated[Margin, _parsed(parse_margin, Margin)]
Customers = Annotated[int, _parsed(parse_customers, int)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


class Part(BaseModel):
    """A part of a document: immutable, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Subject(Part):
    """What the change is and whose it is."""

    id: Name
    title: str
    kind: Literal["software", "address", "organisation"] = "software"
    owner: str
    emergency: bool = False


class Expectation(Part):
    """What a need expects of a metric: `{metric: slow_checkout, by: -30%}`."""

    metric: str
    by: str


class Need(Part):
    """Why the change is made."""

    id: Name
    because: str
    expect: Expectation | None = None


class Segment(Part):
    """A column that splits customers into groups; every group can veto, one with a margin must be proved."""

    by: Name
    margin: MarginValue | None = None
    values: tuple[str, ...] = ()
    """Fixed beforehand; left empty they come from the baseline. All others count as `other`."""


class Metric(Part):
    """Did something bad happen to the customer within the window?"""

    id: Name
    title: str | None = None
    bad: str | None = None
    """A scalar SQL expression over the columns of the experience table. Needless for a reconciliation."""
    margin: MarginValue
    severity: float = Field(default=1.0, gt=0)
    observe: Duration | None = None
    source: Name = "requests"


class AccessLog(Part):
    """Requests, from access logs. The router's own log needs no `files`."""

    kind: Literal["access_log"] = "access_log"
    format: Literal["envoy", "combined"] = "envoy"
    old: str | None = None
    """For recorded logs of a server per arm: a file or pattern."""
    new: str | None = None


class Store(Part):
    """Where one arm keeps what it promised, and the query that lists it."""

    database: str
    """`sqlite:///orders.db` or `postgresql://…`; opened read-only."""
    query: str
    """One SELECT with one column: the promises kept. Parsed; anything but a SELECT is refused."""


class Reconciliation(Part):
    """Promises in the access log joined with the store of that arm: the loser must not be the reporter."""

    kind: Literal["reconciliation"]
    promise: Name
    """The column of the experience table that holds the promise, such as the order number answered."""
    old: Store
    new: Store
    within: Duration = timedelta(seconds=10)
    """How soon after the answer a promise must be kept."""


class Experience(Part):
    """Who is one customer, how long they are looked at, and what would be bad for them."""

    customer: str | tuple[str, ...]
    """`cookie:uid`, `header:x-user`, `claim:sub`, `column:NAME`; a list is tried in order (ids before cookies)."""
    observe: Duration = timedelta(seconds=60)
    grace: Duration = timedelta(seconds=2)
    """How long after a window's end its last log lines may still come."""
    later: tuple[Duration, ...] = ()
    """Later looks at the same customers, after their exposure; each is a metric of its own with its own weight."""
    columns: dict[Name, str] = Field(default_factory=dict)
    """Extra columns: `header:x-region`, `response:x-order`, `cookie:plan`, `query:page`."""
    segments: tuple[Segment, ...] = ()
    metrics: tuple[Metric, ...] = Field(min_length=1)
    sources: dict[Name, Annotated[AccessLog | Reconciliation, Field(discriminator="kind")]] = Field(
        default_factory=dict
    )


class Peak(Part):
    """A part of the day that promotion must see: `{name: peak, from: "18:00", to: "20:00", zone: Asia/Tokyo}`."""

    name: Name
    start: str = Field(alias="from", pattern=r"^\d\d:\d\d$")
    end: str = Field(alias="to", pattern=r"^\d\d:\d\d$")
    zone: str = "UTC"


class GuardPlan(Part):
    """How sure the guard must be, and how many customers may be affected."""

    false_alarm: Fraction = 0.01
    missed_harm: Fraction = 0.01
    impact_budget: Customers
    tolerated: MarginValue | None = None
    """Harm that never sends the change back; none if left out."""
    tick: Duration = timedelta(seconds=1)
    mode: Literal["advise", "back", "auto"] = "auto"
    """advise: a person acts; back: goes back by itself, a person widens and promotes; auto: both by itself."""
    unmeasured: Duration = timedelta(seconds=60)
    """How long unmeasured may hold before customers go back."""
    when_spent: Literal["back", "hold"] = "back"
    must_see: tuple[Peak, ...] = ()
    attempt: int = Field(default=1, ge=1)
    """The k-th attempt gets missed_harm / 2^(k-1) and what is left of the budget."""


class RolloutPlan(Part):
    """Where the traffic is and how it moves."""

    router: Literal["envoy"] = "envoy"
    listen: str = "127.0.0.1:8080"
    old: str
    new: str
    baseline: Duration = timedelta(minutes=5)
    soak: Duration = timedelta(minutes=10)
    first_share: Fraction = 0.01
    largest_share: Fraction = 0.5
    """The largest share before promotion: half and half is the fastest proof."""
    promoting: tuple[Fraction, ...] = (0.75, 1.0)
    """Shares after promotion, one step each; the last one is 100 % less a holdback."""
    step: Duration = timedelta(seconds=30)
    """How long each step after promotion lasts."""
    lease: Duration = timedelta(seconds=8)
    longest_stream: Duration = timedelta(minutes=5)
    pinned: tuple[str, ...] = ()
    """Customers who stay on old throughout."""
    excluded: tuple[str, ...] = ()
    """Customers who are kept out until promotion."""
    writes: str = ""
    """What happens, when customers go back, to what was written on new."""


class Change(Part):
    """One change, from need to proof."""

    unfelt: Literal[1]
    change: Subject
    needs: tuple[Need, ...] = ()
    touches: tuple[str, ...] = ()
    experience: Experience
    guard: GuardPlan
    rollout: RolloutPlan | None = None
    """May be left out by a plan that is only used for judging."""
