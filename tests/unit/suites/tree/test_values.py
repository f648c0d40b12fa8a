"""A single value is read as written, or refused with what is needed."""

from decimal import Decimal

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.report import Report
from pytest_llmcost.suites.tree.values import (
    INVALID,
    Boolean,
    Data,
    Money,
    Number,
    OneOf,
    Only,
    Text,
    Word,
    read_value,
)


def read(kind, text):
    """Return what *kind* makes of *text*, or what it says about it."""
    report = Report("x.yaml")
    report.source = text
    value = read_value(kind, compose(report), "it", report)
    try:
        report.raise_if_any()
    except SuiteError as error:
        assert value is INVALID
        (problem,) = error.problems
        return problem.message
    return value


SHARE = Number(0, 1)
WHOLE = Number(1, 10, is_whole=True)
STYLE = OneOf(("chat", "text"), frozenset({"video"}))
TAG = Word(r"\w+", longest=4, refused={"skip": "it hides"}, needed="a word")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(), "hello", "hello"),
        (Text(), "yes", "yes"),
        (Text(), "'5'", "5"),
        (Text(may_be_blank=True), "''", ""),
        (Word(), "010", "010"),
        (Word(), "true", "true"),
        (Word(), "2027-01-31", "2027-01-31"),
        (Word(), "''", ""),
        (TAG, "abcd", "abcd"),
        (SHARE, "0", 0),
        (SHARE, "1", 1),
        (SHARE, "5e-1", 0.5),
        (Number(above=0), "1e-9", 1e-9),
        (WHOLE, "10", 10),
        (Money(), "0.10", Decimal("0.10")),
        (Money(), "5", Decimal(5)),
        (Boolean(), "true", True),
        (Boolean(), "False", False),
        (Only(False), "false", False),
        (STYLE, "chat", "chat"),
        (Data(), "{a: [1, ~]}", {"a": [1, None]}),
    ],
)
def test_good(kind, text, value):
    """Good values come back as Python's."""
    assert read(kind, text) == value
    assert type(read(kind, text)) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Text(), "5", "it is 5: text is needed; put it in quotes"),
        (Text(), "true", "it is true: text is needed; put it in quotes"),
        (Text(), "~", "it is nothing: text is needed; ~ is none in YAML: put it in quotes"),
        (Text(), "[a]", "it is a list: text is needed"),
        (Text(), "' '", "it is empty. Write it, or leave the key out"),
        (Word(), "null", "it is nothing: text is needed; null is none in YAML: put it in quotes"),
        (Word(), "{a: b}", "it is a mapping: text is needed"),
        (TAG, "a b", "it is 'a b': a word is needed"),
        (TAG, "abcde", "it has 5 characters: at most 4 are allowed"),
        (TAG, "skip", "it may not be 'skip': it hides"),
        (SHARE, "1.5", "it is 1.5: a number from 0 up to 1 is needed"),
        (SHARE, "-0.1", "it is -0.1: a number from 0 up to 1 is needed"),
        (SHARE, "'0.5'", "it is '0.5': a number from 0 up to 1 is needed, without quotes"),
        (SHARE, "true", "it is true: a number from 0 up to 1 is needed"),
        (SHARE, "half", "it is 'half': a number from 0 up to 1 is needed"),
        (SHARE, "[]", "it is a list: a number from 0 up to 1 is needed"),
        (Number(above=0), "0", "it is 0: a number above 0 is needed"),
        (WHOLE, "2.0", "it is 2.0: a whole number from 1 up to 10 is needed"),
        (Money(), "-0.01", "it is -0.01: a number from 0, in US dollars, is needed"),
        (Money(), "$5", "it is '$5': a number from 0, in US dollars, is needed"),
        (Money(), "true", "it is true: a number from 0, in US dollars, is needed"),
        (Boolean(), "yes", "it is 'yes': true or false is needed"),
        (Boolean(), "1", "it is 1: true or false is needed"),
        (Only(False), "true", "it is true: false is needed"),
        (STYLE, "video", "it 'video' is not supported yet. Use chat or text"),
        (STYLE, "texd", "unknown it 'texd' (did you mean 'text'?)"),
        (STYLE, "poem", "unknown it 'poem'. Use chat or text"),
    ],
)
def test_wrong(kind, text, message):
    """Wrong values are told with themselves and what is needed."""
    assert read(kind, text) == message


@pytest.mark.parametrize("kind", [Text(), Word(), SHARE, Money(), Boolean(), STYLE, Data()])
def test_one_mistake_is_told_once(kind):
    """Nothing more is said about a value that is refused already."""
    assert "tags are not allowed" in read(kind, "!x 5")
    assert "no finite number" in read(kind, ".nan")


def test_long_and_odd_values_are_shown_short_and_escaped():
    """A message is one line whatever the value holds."""
    assert read(SHARE, '"\\e[31m\\u202e' + "x" * 100 + '"') == (
        "it is '\\x1b[31m\\u202exxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': a number from 0 up to 1 is needed"
    )
