"""What accepting a difference takes."""

import json
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from unfelt.conf.language import Message
from unfelt.engines.asked import Asked

Named = Annotated[str, StringConstraints(max_length=1_200)]


class FeatureNamed(Asked):
    """A feature as the list of differences names it."""

    kind: Named
    route: Named
    value: Named


def _from_form(given: object) -> object:
    """A form gives all of them in one text."""
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str):
        try:
            return json.loads(given[0])
        except ValueError:
            return given
    return given


class AcceptanceAsked(Asked):
    """These differences no longer hold the promotion, and why: it stands in the report."""

    features: Annotated[list[FeatureNamed], Field(min_length=1, max_length=500), BeforeValidator(_from_form)]
    reason: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000),
        Message("Say why customers do not mind: it stands in the report."),
    ]

    def named(self) -> list[dict[str, str]]:
        """The features in plain values."""
        return [one.model_dump() for one in self.features]
