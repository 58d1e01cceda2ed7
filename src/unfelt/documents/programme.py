"""The programme: work that recurs whether or not a change is under way, each item with its own calendar."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from unfelt.conf.language import Message
from unfelt.documents.catalog import Title
from unfelt.documents.moments import Day
from unfelt.documents.playbook import ControlId
from unfelt.documents.refusal import RefusalError
from unfelt.documents.values import Duration, Line, Name, Part


def _every(period: timedelta) -> timedelta:
    if period < timedelta(days=1):
        raise RefusalError(Message("work recurs in days"), Message("Allowed: 1d or more, such as 90d."))
    return period


class Work(Part):
    """One item of the programme."""

    control: ControlId
    """The control of the playbook that it answers, for every change while it is fresh."""
    what: Line
    """What is done."""
    owner: Line
    """Whose it is."""
    every: Annotated[Duration, AfterValidator(_every)]
    """How often: `90d`."""
    first: Day
    """The day of the first time; from then on it is due every so often after it was last done."""


class ProgrammeHead(Part):
    """Which programme it is."""

    id: Name
    """Its name for ever."""
    title: Title
    """What people call it."""


class Programme(Part):
    """Recurring work: changes inherit what it finds while that is fresh."""

    unfelt: Literal[1]
    """The version of this form of document."""
    programme: ProgrammeHead
    """Which programme it is."""
    work: tuple[Work, ...] = Field(min_length=1, max_length=500)
    """Its items, one for each control that it answers."""
