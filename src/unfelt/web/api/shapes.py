"""What goes in and what comes out."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from unfelt.web.console.guarding import is_no_text

Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]
Words = Annotated[str, StringConstraints(max_length=200)]
"""What is searched for: no database is given a pattern without end."""
Short = Annotated[str, StringConstraints(min_length=1, max_length=400)]


def _texts(given: object) -> Iterator[str]:
    """Every text in what was sent, names of members too."""
    rest = [given]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            rest += one


class Asked(Schema):
    """What is sent: a name that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: object) -> object:
        for one in _texts(given if isinstance(given, dict) else getattr(given, "_obj", given)):
            if is_no_text(one):
                raise ValueError("it holds a character that no text has: NUL, or half of one")
        return given


class Wrong(Schema):
    """One thing that is wrong with what was sent."""

    field: str
    what: str
    line: int | None = None


class Problem(Schema):
    """Why something was not done, and what to do."""

    error: str
    problems: list[Wrong]
    known: list[str]


REFUSED = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
"""What every address may answer instead."""


class InBoth(Schema):
    """What somebody wrote, as readers of each language see it: the same twice where it was said in one."""

    en: str
    zh: str


class Card(Schema):
    """A rollout in a few numbers."""

    id: str
    change: str
    title: str
    titles: InBoth
    state: str
    is_over: bool
    waits: bool
    attempt: int
    began: str
    ended: str | None
    share: float
    at_most: float
    exposed: float
    budget: int
    because: dict[str, Any] | None


class Cards(Schema):
    """Rollouts, newest first."""

    rollouts: list[Card]


class Live(Schema):
    """A rollout as it stands: the newest look, what is proposed, and the newest lines of its log."""

    card: Card
    status: dict[str, Any] | None
    proposal: dict[str, Any] | None
    log: list[dict[str, Any]]


class Took(Schema):
    """What came of going back."""

    ok: bool
    on_old_since: str | None
    recorded: bool
    said: str


class Pin(Schema):
    """A customer who is on old by hand, by pseudonym."""

    name: str
    at: datetime | None
    by: str


class Pins(Schema):
    """Everybody who is."""

    pins: list[Pin]


class PinAsked(Asked):
    """Ids to pin, pseudonyms to let go."""

    pin: list[Short] = Field(default=[], max_length=10_000)
    unpin: list[Short] = Field(default=[], max_length=10_000)

    @model_validator(mode="after")
    def _says_something(self) -> "PinAsked":
        if not (self.pin or self.unpin):
            raise ValueError("ids to pin or pseudonyms to unpin are due")
        return self


class Agreed(Asked):
    """The proposal that was read."""

    proposal: int = Field(ge=0, le=2**62)


class Listed(Schema):
    """A change in a list."""

    id: str
    title: str
    titles: InBoth
    owner: str
    team: str
    tier: str
    touches: str
    held_at: str | None
    holding: list[str]


class ChangesAsked(Asked):
    """Any text of the plan, and what it says of team, tier and owner."""

    q: str = Field(default="", max_length=200)
    team: str = Field(default="", max_length=64)
    tier: str = Field(default="", max_length=20)
    owner: str = Field(default="", max_length=200)
    page: int = Field(default=1, ge=1, le=10**6)


class Changes(Schema):
    """A page of changes."""

    changes: list[Listed]
    count: int
    page: int
    pages: int


class Holding(Schema):
    """A control that holds a gate."""

    control: str
    state: str
    why: str


class GateShown(Schema):
    """A gate."""

    gate: str
    is_open: bool
    behind: str | None
    holding: list[Holding]


class ChangeShown(Schema):
    """A change and its gates."""

    id: str
    title: str
    titles: InBoth
    owner: str
    team: str
    tier: str
    why: str
    planned_at: datetime
    gates: list[GateShown]
    rollouts: list[str]


class CommentAsked(Asked):
    """What is said."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    control: str = Field(default="", max_length=80)


class CommentShown(Schema):
    """What was said."""

    number: int
    by: str
    text: str
    said_at: datetime
    change: str
    control: str


class Comments(Schema):
    """Everything that was said about a change or one of its controls, oldest first."""

    comments: list[CommentShown]


class WorkLine(Schema):
    """One thing that waits."""

    change: str
    control: str
    what: str
    due: date | None = None


class Work(Schema):
    """What waits for the token's member."""

    sign: list[WorkLine]
    do: list[WorkLine]
    questions: list[CommentShown]
    shut: list[WorkLine]


class DueShown(Schema):
    """Recurring work."""

    control: str
    what: str
    owner: str
    due: date
    state: str


class Programme(Schema):
    """Recurring work, the most pressing first."""

    due: list[DueShown]


class EntryShown(Schema):
    """An entry of the chain, with names in the place of tokens."""

    number: int
    at: str
    kind: str
    by: str
    change: str
    rollout: str
    digest: str
    body: dict[str, Any]


class Entries(Schema):
    """A page of entries, newest first; `more`: ask again with it as `before`."""

    entries: list[EntryShown]
    more: int | None


class Begun(Schema):
    """A rollout that is starting."""

    change: str
    starting: bool
