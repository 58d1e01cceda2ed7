"""What the actions of teamwork take, where several things are typed into one line."""

import pytest

from unfelt.engines.asked import AskedError
from unfelt.engines.teamwork.asked import DeclineAsked, HandOverAsked, SendFormAsked, WebhookAsked


def test_several_names_are_typed_into_one_line():
    """Western and Chinese commas stand between them; those that are ticked are taken as they are."""
    asked = SendFormAsked.of({"to": ["Doe, Jane"], "others": ["lin; zhao、wang ，", ""]})
    assert (asked.to, asked.others) == (["Doe, Jane"], ["lin", "zhao", "wang"])


def test_no_kind_is_every_kind():
    """A line that is empty names none."""
    assert WebhookAsked.of({"url": " https://shop.example/ ", "kinds": []}).kinds == []


@pytest.mark.parametrize(
    ("shape", "field", "said"),
    [
        (DeclineAsked, "reason", "Say why not: whoever asked has to go on from it."),
        (HandOverAsked, "control", "Tick the controls that are handed over."),
    ],
)
def test_what_is_due_is_said_in_the_words_of_the_action(shape, field, said):
    """Where the general sentence would not say enough."""
    with pytest.raises(AskedError) as caught:
        shape.of({"to": "lin"} if shape is HandOverAsked else {})
    assert (caught.value.field, str(caught.value)) == (field, said)
