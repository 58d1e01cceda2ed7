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
    """A form gives those of each line that was ticked in one text."""
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return given
    try:
        return [feature for one in given for feature in json.loads(one)]
    except (ValueError, TypeError):
        return given


class AcceptanceAsked(Asked):
    """These differences no longer hold the promotion, and why: it stands in the report."""

    features: Annotated[
        list[FeatureNamed],
        Field(min_length=1, max_length=1_000),
        BeforeValidator(_from_form),
        Message("Tick what is accepted."),
    ]
    reason: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000),
        Message("Say why customers do not mind: it stands in the report."),
    ]

    def named(self) -> list[dict[str, str]]:
        """The features in plain values."""
        return [one.model_dump() for one in self.features]
