"""Durable jobs and timers that engines want done by a worker: `PARTS["jobs"]` names a module with `JOBS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from unfelt.conf import plugins
from unfelt.conf.language import Message

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)


def wait_after(failures: int, *, longest: timedelta, first: timedelta = FIRST_WAIT) -> timedelta:
    """How long nothing is tried after so many failures in a row: 5 s, and twice as long each time.

    >>> [wait_after(n, longest=timedelta(hours=1)).seconds for n in (1, 2, 3, 30)]
    [5, 10, 20, 3600]
    """
    return min(longest, first * (1 << min(failures - 1, 12)))


class UnknownJobError(LookupError):
    """No engine registers a job of that name; `message` says which there are."""

    def __init__(self, name: str) -> None:
        self.message = Message(
            "There is no job {name}. Known: {known}.", name=name, known=", ".join(sorted(jobs()))
        )
        super().__init__(str(self.message))


class Progress(Protocol):
    """Told how far a job is; kept where people look, at most once a second."""

    def __call__(self, done: int, of: int | None = None, note: Message | None = None, /) -> None:
        """So many of so many are done."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a job is given.

    begin: how far an attempt got that ended in the middle, as its progress said. is_cancelled: asked between two
    steps; where it says so the job returns, because somebody cancelled it, the worker ends, or another has it now.
    """

    now: datetime
    key: str
    """Of the run, or of the tick: what is done under it elsewhere can be done once."""
    home: Path
    base: str
    """Where people open the console, for links."""
    arguments: Mapping[str, Any]
    begin: int
    progress: Progress
    is_cancelled: Callable[[], bool]


Work = Callable[[Call], Message | None]
"""Does it, and says what was done; nothing where there was nothing to do. NotDoneError where it cannot be done."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is done by one worker at a time.

    every: it is a timer, and this is between two ticks; None where it is asked for. longest: after that it is
    taken to hang. retries: how often it is tried again, after `wait` and then twice as long each time. forgets:
    its arguments are gone from the records once it has ended, however.
    """

    name: str
    label: Message
    work: Work
    every: timedelta | None = None
    longest: timedelta = timedelta(minutes=2)
    retries: int = 5
    wait: timedelta = FIRST_WAIT
    forgets: bool = False

    def wait_after(self, attempts: int) -> timedelta:
        """Between that attempt, which failed, and the next one."""
        return wait_after(attempts, longest=LONGEST_WAIT, first=self.wait)


def jobs() -> Mapping[str, Job]:
    """Every job that an engine registers, by name."""
    return plugins.registered("jobs", "JOBS")


def job_named(name: str) -> Job:
    """The job; UnknownJobError where there is none."""
    found = jobs().get(name)
    if found is None:
        raise UnknownJobError(name)
    return found


def label_of(name: str) -> str:
    """What people call that job; one that nobody registers any more by its name."""
    found = jobs().get(name)
    return str(found.label) if found else name
