"""What the actions of planning take. What a plan says is the document's own to validate."""

from typing import Annotated

from pydantic import Field, StringConstraints

from unfelt.engines.asked import Asked, Text, Words


class TextAsked(Asked):
    """A plan as text."""

    text: Text


class PlanAsked(TextAsked):
    """A plan to save: based_on is the number of the text that it was edited from."""

    based_on: int = Field(ge=1, le=2**31)


class EditedAsked(Asked):
    """A plan that is being written, and may be empty yet."""

    text: Annotated[str, StringConstraints(max_length=1_000_000, strip_whitespace=False)] = ""
    based_on: int = Field(default=0, ge=0, le=2**31)
    """The number of the text that it was edited from; 0: it is new."""
    seen: Words = ""
    """Stands for the text that was looked over last."""

    @property
    def lines(self) -> str:
        """The text without what browsers put at the end of lines."""
        return self.text.replace("\r\n", "\n")


class FromModelAsked(Asked):
    """Whose a new change is, and whether it can wait; its other fields are the model's."""

    team: Words = ""
    emergency: bool = False
