"""Where experience is read: the router's log, and the stores of both arms."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from unfelt.conf import plugins
from unfelt.documents.queries import check_query
from unfelt.documents.registered import LogFormat
from unfelt.documents.values import Database, Duration, Line, Name, Part, is_empty, is_none

LogColumn = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]*$", max_length=64)]
Notation = Annotated[str, Field(min_length=1, max_length=4_000)]


def is_once(copies: str) -> bool:
    """What came after the first version is left out where it is not given, so that a plan keeps its digest."""
    return copies == "once"


class Source(Part):
    """Where the answers to metrics come from. Each kind names itself: `kind: Literal["access_log"]`."""

    kind: str
    """What sort of source it is."""

    @property
    def where(self) -> str:
        """The places of both arms, for people."""
        return "–"


class PromiseSource(Source):
    """Promises in the access log, looked up where each arm keeps them: the loser must not be the reporter."""

    promise: Name
    """The column of the experience table that holds the promise, such as the order number answered."""
    within: Duration = timedelta(seconds=10)
    """How soon after the answer a promise must be kept."""


class AccessLog(Source):
    """Requests, from access logs. The router's own log needs no files."""

    kind: Literal["access_log"] = "access_log"
    """Lines of requests."""
    format: LogFormat = "envoy"
    """How a line is written. Where there is a log per arm, `envoy` and `auto` mean: find out by its lines."""
    notation: Notation | None = Field(default=None, exclude_if=is_none)
    """How a line is written in the words of the server: its `log_format`, `LogFormat` or `log-format`."""
    keys: dict[LogColumn, Line] = Field(default_factory=dict, exclude_if=is_empty)
    """Which keys or columns of the log hold what: `{status: code, duration_ms: "took:s", customer: user.id}`."""
    old: Line | None = None
    """For recorded logs of a server per arm: a file or pattern."""
    new: Line | None = None
    """The same for the new arm."""

    @property
    def is_recorded(self) -> bool:
        """Its form is that of a server, and not of a router's own log."""
        return self.format in plugins.names("recorded_log")

    @property
    def where(self) -> str:
        """The files of both arms."""
        return f"{self.old or '–'} / {self.new or '–'}"


class Store(Part):
    """Where one arm keeps what it promised, and the query that lists it."""

    database: Database
    """`sqlite:///orders.db` or `postgresql://…`; opened read-only."""
    query: Annotated[str, Field(min_length=1, max_length=10_000)]
    """One SELECT with one column: the promises kept; a second one is their value. Anything else is refused."""

    @field_validator("query")
    @classmethod
    def _is_one_select(cls, query: str, info: ValidationInfo) -> str:
        is_sqlite = str(info.data.get("database", "")).startswith("sqlite:")
        if not (info.context or {}).get("on_record"):  # What is on record was taken when it was written.
            check_query(query, dialect="sqlite" if is_sqlite else "postgres")
        return query


class Reconciliation(PromiseSource):
    """Promises in the access log joined with the store of that arm: the loser must not be the reporter."""

    kind: Literal["reconciliation"]
    """Promises against what was kept."""
    value: Name | None = Field(default=None, exclude_if=is_none)
    """The column that holds what was promised, such as the total answered; the queries list it second."""
    copies: Literal["once", "any"] = Field(default="once", exclude_if=is_once)
    """How often the store may list a promise: more than `once` is bad for the customer, unless `any` is meant."""
    old: Store
    """Where the old version keeps what it promised."""
    new: Store
    """Where the new version keeps what it promised."""

    @property
    def where(self) -> str:
        """The stores of both arms."""
        return f"{self.old.database} / {self.new.database}"


def value_of(source: PromiseSource) -> str | None:
    """The column that holds what was promised, where the store's value is compared with it."""
    return source.value if isinstance(source, Reconciliation) else None


def is_kept_once(source: PromiseSource) -> bool:
    """A promise that the store lists twice is bad."""
    return isinstance(source, Reconciliation) and source.copies == "once"
