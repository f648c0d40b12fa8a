"""What a scalar means, and what a template gets of it."""

import math

import pytest

from pytest_llmcost.suites.tree.nodes import List, Map, Refused, Scalar, core_value, data_of


@pytest.mark.parametrize("raw", ["yes", "no", "on", "off", "y", "n", "YES", "tRue", "nULL"])
def test_s10_words_are_text(raw):
    """Only true and false are booleans."""
    assert core_value(raw) == raw


@pytest.mark.parametrize(
    "raw", ["12:30", "12:30:45", "2027-01-31", "2027-01-31T12:30:00Z", "1_000", "0b11", "1,5", "-"]
)
def test_s10_times_and_dates_are_text(raw):
    """Times are no numbers to the base sixty, and dates are no dates."""
    assert core_value(raw) == raw


@pytest.mark.parametrize(
    ("raw", "value"),
    [("010", 10), ("1e3", 1000.0), ("0o17", 15), ("0xFF", 255), ("-7", -7), ("+7", 7), (".5", 0.5), ("1.", 1.0)],
)
def test_numbers(raw, value):
    """Numbers are those of YAML 1.2's core schema."""
    assert core_value(raw) == value
    assert type(core_value(raw)) is type(value)


@pytest.mark.parametrize(("raw", "value"), [("true", True), ("False", False), ("null", None), ("~", None), ("", None)])
def test_words_with_a_meaning(raw, value):
    """`true`, `false`, `null`, `~` and nothing are what they seem."""
    assert core_value(raw) is value


@pytest.mark.parametrize("raw", [".inf", "-.INF", "1e999", "9" * 5000, "-" + "9" * 400])
def test_beyond_reckoning(raw):
    """A number that nothing can be done with is infinite, however it is written, and never an exception."""
    assert math.isinf(core_value(raw))


@pytest.mark.parametrize("raw", ["010", "1e3", "12.50", "+7", "0xFF", "1."])
def test_number_prints_as_written(raw):
    """A number that Python would write otherwise is text to a template."""
    assert data_of(Scalar(core_value(raw), raw, 1, 1)) == raw


def test_data():
    """Other values are Python's, lists and mappings too."""
    mapping = Map(1, 1)
    items = List(1, 2)
    items.items += [Scalar(3, "3", 1, 1), Scalar(True, "true", 1, 1), Scalar(None, "", 1, 1), Refused(1, 1)]
    mapping.entries["a"] = (Scalar("a", "a", 1, 1), items)
    assert data_of(mapping) == {"a": [3, True, None, None]}
