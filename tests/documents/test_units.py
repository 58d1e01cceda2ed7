"""Values that carry their unit."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.documents.units import (
    Margin,
    UnitError,
    format_customers,
    format_duration,
    format_fraction,
    parse_customers,
    parse_duration,
    parse_fraction,
    parse_margin,
)

durations = st.integers(0, 3660 * 86_400_000).map(lambda n: timedelta(milliseconds=n))
percentages = st.decimals(0, 100, places=6)


@given(durations)
def test_durations_survive_being_written(duration):
    """A duration written and read again is the same."""
    assert parse_duration(format_duration(duration)) == duration


@given(percentages)
def test_fractions_survive_being_written(percent):
    """A fraction written and read again is the same number to the last bit."""
    fraction = parse_fraction(f"{percent:f}%")
    assert parse_fraction(format_fraction(fraction)) == fraction


margins = st.one_of(
    percentages.filter(bool).map(lambda number: Margin("difference", float(number / 100))),
    st.decimals(2, 999, places=6).map(lambda number: Margin("ratio", float(number))),
)


@given(margins)
def test_margins_survive_being_written(margin):
    """A margin written and read again is the same."""
    assert parse_margin(str(margin)) == margin


@given(st.integers(0, 10**12 - 1))
def test_customers_survive_being_written(number):
    """A number of customers written and read again is the same."""
    assert parse_customers(format_customers(number)) == number


@pytest.mark.parametrize("parse", [parse_duration, parse_fraction, parse_margin, parse_customers])
@given(bare=st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.integers().map(str)))
def test_bare_numbers_are_refused(parse, bare):
    """Whatever has no unit is refused."""
    with pytest.raises(UnitError):
        parse(bare)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h 30m", 5400), ("1h30min", 5400), ("500ms", 0.5), ("1.5h", 5400), ("2d", 172_800), ("0s", 0)],
)
def test_durations_are_read(text, seconds):
    """Every allowed unit is understood, alone and together."""
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    "text", ["-60s", "60 seconds", "30m 1h", "1s 1s", "1.5ms", "9999d", "s", "", "1e3s", "٣s", "5m!"]
)
def test_other_durations_are_refused(text):
    """Negative, unknown, disordered, repeated, too fine and too long durations are refused."""
    with pytest.raises(UnitError):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0%", "1x", "0.9x", "101%", "-1%", "1", "x", "%", "1.5 y"])
def test_margins_that_mean_nothing_are_refused(text):
    """A margin is above 0 % and up to 100 %, or a ratio above 1."""
    with pytest.raises(UnitError):
        parse_margin(text)


@pytest.mark.parametrize(
    ("parse", "bare", "example"),
    [
        (parse_duration, 90, "90s"),
        (parse_fraction, 0.01, "1%"),
        (parse_fraction, 5, "5%"),
        (parse_margin, 0.005, "0.5%"),
        (parse_customers, 150, "150 customers"),
    ],
)
def test_the_example_is_made_from_the_value(parse, bare, example):
    """A bare number is answered with how it would be written."""
    with pytest.raises(UnitError) as caught:
        parse(bare)
    assert caught.value.remedy.values["example"] == example


def test_chinese_customers_are_read():
    """The unit of customers may be Chinese."""
    assert [parse_customers("150 位客户"), parse_customers("3个客户")] == [150, 3]
