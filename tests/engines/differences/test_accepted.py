"""What accepting a difference takes, from form, API and command."""

import json

import pytest

from unfelt.engines.asked import AskedError
from unfelt.engines.differences.asked import AcceptanceAsked

ONE = {"kind": "status", "route": "POST /upload", "value": "413"}
OTHER = {"kind": "type", "route": "GET /", "value": "text/html"}


def test_a_form_gives_the_features_of_each_line_that_was_ticked():
    """One text a line; the API gives them as they are."""
    form = {"features": [json.dumps([ONE]), json.dumps([OTHER, ONE])], "reason": " known "}
    asked = AcceptanceAsked.of(form)
    assert (asked.named(), asked.reason) == ([ONE, OTHER, ONE], "known")
    assert AcceptanceAsked.of({"features": [ONE], "reason": "known"}).named() == [ONE]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"features": [], "reason": "known"}, "features"),
        ({"features": ["nothing"], "reason": "known"}, "features"),
        ({"features": ["17"], "reason": "known"}, "features"),
        ({"features": [ONE], "reason": " "}, "reason"),
        ({"features": [ONE]}, "reason"),
        ({"features": [ONE | {"more": "x"}], "reason": "known"}, "features"),
    ],
)
def test_what_is_missing_is_said_at_its_field(given, field):
    """Nothing ticked, no reason, texts that are no features."""
    with pytest.raises(AskedError) as error:
        AcceptanceAsked.of(given)
    assert error.value.field.partition(":")[0] == field
