"""What the actions of teamwork take."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from unfelt.conf.language import Message
from unfelt.engines.asked import Asked, Day, Long, Short, Words

Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MaybeLong = Annotated[str, StringConstraints(max_length=10_000)]
Revision = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Of the plan that was read, by its digest."""


def _one_by_one(given: object) -> object:
    """A list, where several were typed into one line, with commas between them."""
    typed = given if isinstance(given, list) else []
    split = [part.strip() for one in typed if isinstance(one, str) for part in re.split(r"[,;、，；\n]", one)]
    return [one for one in split if one] if all(isinstance(one, str) for one in typed) and typed else given


Several = Annotated[list[Short], BeforeValidator(_one_by_one)]


class RequestAsked(Asked):
    """What should be different, and who suffers from what today."""

    title: Title
    why: Long
    wanted_by: Day | None = None


class DeclineAsked(Asked):
    """Why it is not made, for who asked."""

    reason: Annotated[Long, Message("Say why not: whoever asked has to go on from it.")]


class PlannedAsked(Asked):
    """The change that it became."""

    change: Short


class LessonAsked(Asked):
    """What a change taught; who does what about it, by when. other, other_action: the same in the other language.

    Which of the two is Chinese is seen by its characters.
    """

    text: Long
    other: MaybeLong = ""
    action: MaybeLong = ""
    other_action: MaybeLong = ""
    member: Words = ""
    due: Day | None = None


class WaiverWanted(Asked):
    """Why a control is let pass, for how long (`14d`), and the second member, who is asked."""

    reason: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000),
        Message("A waiver needs a reason that a stranger understands."),
    ]
    length: Short
    agreed_by: Annotated[Short, Message("Choose who is asked to agree.")]


class ApprovalWanted(Asked):
    """The second member, who is asked."""

    agreed_by: Annotated[Short, Message("Choose who is asked to agree.")]


class AnswerAsked(Asked):
    """Whether they agree."""

    agrees: bool


class HandAsked(Asked):
    """Who has it in hand, and by when; nobody if empty."""

    to: Words = ""
    due: Day | None = None


class HandOverAsked(HandAsked):
    """The same of several controls."""

    control: Annotated[
        list[Short], Field(min_length=1, max_length=1_000), Message("Tick the controls that are handed over.")
    ]


class CommentAsked(Asked):
    """What is said."""

    text: Annotated[Long, Message("A comment of 1 to {most} characters is due.", most=10_000)]
    control: Annotated[str, StringConstraints(max_length=80)] = ""


class AcknowledgeAsked(Asked):
    """The revision of the plan that was read, by its digest."""

    revision: Revision


class TaskAnswer(Asked):
    """Whether they do it; why not, where they do not."""

    accepts: bool
    reason: MaybeLong = ""


class HandOverAnswer(TaskAnswer):
    """The same of a touchpoint, with the revision of the plan that was read."""

    revision: Revision


class SendAsked(Asked):
    """Members by name; nobody: the plan's people, its owner and the auditors, without who sends it."""

    to: list[Short] = Field(default=[], max_length=500)


class SendFormAsked(SendAsked):
    """Those who are ticked, and others who are typed."""

    others: Annotated[Several, Field(max_length=500)] = Field(default=[])


class WebhookAsked(Asked):
    """Where entries are sent, and of which kinds; all if none is named."""

    url: Short
    kinds: Annotated[Several, Field(max_length=100)] = Field(default=[])


class SignAllAsked(Asked):
    """Controls that are signed at once, each as CHANGE/CONTROL."""

    sign: Annotated[list[Short], Field(max_length=100)] = Field(default=[])
