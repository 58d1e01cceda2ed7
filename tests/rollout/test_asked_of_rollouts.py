"""What acting on a rollout takes: ids one a line, and at least one of them."""

import pytest

from unfelt.engines.asked import AskedError
from unfelt.rollout.asked import Agreed, PinAsked


def test_ids_are_typed_one_a_line():
    """What stands around them is no part of them; one that comes alone is taken as it is."""
    assert PinAsked.of({"pin": [" card-1 \r\n\r\ncard-2\n"]}).pin == ["card-1", "card-2"]
    assert PinAsked.of({"pin": [" card 1"]}).pin == [" card 1"]


@pytest.mark.parametrize(
    ("shape", "given", "said"),
    [
        (PinAsked, {"pin": [], "unpin": []}, "Nobody is named. Type the id of a customer, one a line."),
        (Agreed, {"proposal": "9" * 30}, "Read the open proposal, then agree to it."),
        (Agreed, {}, "Read the open proposal, then agree to it."),
    ],
)
def test_what_is_due_is_said(shape, given, said):
    """In a sentence."""
    with pytest.raises(AskedError) as caught:
        shape.of(given)
    assert str(caught.value) == said
