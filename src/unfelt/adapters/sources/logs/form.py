"""What a format of recorded logs must be able to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from unfelt.conf.language import Message

STANDARD = ("time", "host", "login", "method", "path", "status", "bytes", "duration_ms", "referer", "agent")


@dataclass(frozen=True, slots=True)
class Wants:
    """What the plan asks of each line.

    columns: of STANDARD, those that are read. added: other values by name, each with where it comes from
    (`cookie:uid`, `header:x-region`, `column:NAME`); the customer is among them as `who`.
    """

    columns: frozenset[str]
    added: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first lines of each file, and all that begin with `#`, in order."""

    lines: Sequence[str]
    directives: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """SQL over a table with `line`, `file` and `number`.

    stages: expressions `… AS name`, each of which may use those before it. values: by column of STANDARD or name
    added, what it is; a column that is missing is not in the log. is_match: the line is one of this format.
    is_besides: the line holds no request by the rules of the format, such as a directive. ends: `time` is when the
    request ended, and its duration is to be taken off.
    """

    stages: tuple[str, ...]
    values: Mapping[str, str]
    is_match: str
    is_besides: str = "false"
    ends: bool = False


class RecordedForm(Protocol):
    """One format of recorded logs. Registered as `recorded_log`: what makes one of it from a `Written`."""

    @property
    def name(self) -> str:
        """What plans call it."""

    def knows(self, line: str) -> bool:
        """Whether the line is of this format."""

    def columns(self, sample: Sample, wants: Wants) -> Columns:
        """How its lines are read, as far as the plan asks."""

    def advice(self, missing: Mapping[str, str]) -> Message | None:
        """What to configure so that the log holds what is missing; None where nothing can be said."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the plan says of how lines are written: its `notation` and its `keys`."""

    notation: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
