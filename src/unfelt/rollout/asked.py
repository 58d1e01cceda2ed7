"""What acting on a rollout takes."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError
from unfelt.engines.asked import Asked, Number, Short

Id = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=False)]
"""Of a customer, as their requests have it."""


def _one_a_line(given: object) -> object:
    """Ids, where several were typed into one field."""
    if not isinstance(given, list) or not any(isinstance(one, str) and "\n" in one for one in given):
        return given
    return [line.strip() for one in given for line in str(one).splitlines() if line.strip()]


class PinAsked(Asked):
    """Ids to pin, pseudonyms to let go."""

    pin: Annotated[list[Id], BeforeValidator(_one_a_line), Field(max_length=10_000)] = Field(default=[])
    unpin: Annotated[list[Short], Field(max_length=10_000)] = Field(default=[])

    @model_validator(mode="after")
    def _says_something(self) -> "PinAsked":
        if not (self.pin or self.unpin):
            raise RefusalError(Message("Nobody is named."), Message("Type the id of a customer, one a line."))
        return self


class Agreed(Asked):
    """The proposal that was read."""

    proposal: Annotated[Number, Message("Read the open proposal, then agree to it.")]
