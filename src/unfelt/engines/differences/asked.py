"""What is asked when a difference is accepted: the same of form, API and command."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

Short = Annotated[str, StringConstraints(max_length=1_200)]


class FeatureNamed(BaseModel):
    """A feature as the list of differences names it."""

    kind: Short
    route: Short
    value: Short


class Acceptance(BaseModel):
    """These differences no longer hold the promotion, and why."""

    features: Annotated[list[FeatureNamed], Field(min_length=1, max_length=500)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    """It stands in the report."""

    def named(self) -> list[dict[str, str]]:
        """The features in plain values."""
        return [one.model_dump() for one in self.features]
