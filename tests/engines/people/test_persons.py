"""Whether two names are of one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.engines.people.persons import is_same

PEOPLE = st.sampled_from(
    ["lin", "Lin", " lin ", "lin@shop.example", "lin@bank.example", "chen", "CHEN@shop.example"]
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lin", "LIN ", True),
        ("lin", "lin@shop.example", True),
        ("lin@shop.example", "Lin@Shop.Example", True),
        ("lin@shop.example", "lin@bank.example", False),
        ("lin", "chen@shop.example", False),
        ("lin", "linda", False),
    ],
)
def test_a_name_and_an_address_of_it_are_one_person(one: str, other: str, same: bool):
    """Two addresses are two people, whatever stands before the @."""
    assert is_same(one, other) is same


@given(PEOPLE, PEOPLE)
def test_it_does_not_matter_who_is_named_first(one: str, other: str):
    """And everybody is themselves."""
    assert is_same(one, other) == is_same(other, one)
    assert is_same(one, one)
