"""What the actions of people take."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from unfelt.conf.language import Message
from unfelt.engines.asked import Asked, Clock, Day, Short, Words

Roles = Annotated[list[Short], Field(max_length=20)]
Every = Literal["0", "60", "1440"]
"""Minutes between two digests that may be chosen."""


class MemberAsked(Asked):
    """A new member."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Under which they act."""
    title: Words = ""
    """What people call them."""
    email: Words = ""
    roles: Roles = Field(default=[])
    """Everywhere; those in a team are given there."""


class MemberChangeAsked(Asked):
    """What a member is from here on."""

    title: Words = ""
    email: Words = ""
    roles: Roles = Field(default=[])
    active: bool = False
    """They can log in."""
    team: dict[str, Roles] = Field(default={})
    """Their roles in each team; out of those that are not named."""


class RecoverAsked(Asked):
    """An account is opened again."""

    factor: bool = False
    """Their second factor ends."""


class TeamAsked(Asked):
    """A new team: its short name, as plans say it, and what people call it."""

    id: Short
    title: Words = ""


class RolesAsked(Asked):
    """A member's roles in a team; none takes them out."""

    roles: Roles


class DeputyAsked(Asked):
    """Who stands in for them, from the first day to the last."""

    deputy: Short
    since: Day
    until: Day


class TokenAsked(Asked):
    """A token for scripts."""

    title: Annotated[Words, Field(min_length=1), Message("Say what the token is for.")]
    scopes: Roles = Field(default=[])
    """Which of the rights that are registered it may have: the action names them."""
    days: Annotated[int, Field(ge=1, le=366), Message("A token is valid for 1 to 366 days.")]


class TellingAsked(Asked):
    """How and when they are told, and in which language."""

    mail: bool = False
    way: dict[str, Annotated[str, StringConstraints(max_length=2_000)]] = Field(default={})
    """Their address for each channel."""
    every: Annotated[Every, Message("Choose how often.")] = "0"
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    zone: Words = ""
    language: Literal["en", "zh", ""] = ""


class HouseAsked(Asked):
    """Under which name the house speaks, and whom people turn to."""

    name: Annotated[str, StringConstraints(max_length=80)] = ""
    contact: Words = ""


class MachineTokenAsked(Asked):
    """Another token of the installation, or none."""

    what: Literal["renew", "revoke"]
