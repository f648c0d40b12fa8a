"""Data from elsewhere as a tree with places."""

from datetime import date

import pytest

from pytest_llmcost.suites.tree.nodes import List, Map, Scalar, data_of, json_of
from pytest_llmcost.suites.tree.plain import BadData, decoded, node_of
from pytest_llmcost.suites.tree.report import Spot

HERE = Spot(3, 4, "a.toml")


def test_every_node_stands_in_the_one_place():
    """All that is known of a value is the file, and where it begins."""
    tree = node_of({"a": [1, {"b": None}]}, HERE)
    assert isinstance(tree, Map)
    key, value = tree.entries["a"]
    assert isinstance(value, List)
    assert {(node.path, node.line, node.column) for node in (tree, key, value, *value.items)} == {("a.toml", 3, 4)}


@pytest.mark.parametrize("value", [{"a": 1, "b": [True, None, 0.5, "x"]}, [], "", -1, 1e300])
def test_data_comes_back(value):
    """A tree of plain data means that data."""
    assert json_of(node_of(value, HERE)) == value


def test_a_date_is_text():
    """A date of TOML is the text that it looks like."""
    node = node_of(date(2027, 1, 31), HERE)
    assert isinstance(node, Scalar)
    assert node.value == node.raw == "2027-01-31"


@pytest.mark.parametrize("raw", ["1.50", "1e3", "-0", "10", "123456789012345678901234567890"])
def test_numbers_of_json_stay_as_written(raw):
    """They print as the file has them, and are numbers where JSON is compared."""
    value, end = decoded(f" {raw} x")
    node = node_of(value, HERE)
    assert end == len(raw) + 1
    assert str(data_of(node)) == raw
    assert float(json_of(node)) == float(raw)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "key 'a' is here twice. Keep one"),
        ("[NaN]", "'NaN' is no finite number. If it is text, put it in quotes"),
        ("[-Infinity]", "'-Infinity' is no finite number. If it is text, put it in quotes"),
        ("1e999", "'1e999' is no finite number. If it is text, put it in quotes"),
        ("9" * 301, f"'{'9' * 40}' is no finite number. If it is text, put it in quotes"),
        ("[" * 100_000, "it is nested too deeply"),
        ("nope", "this is no JSON: Expecting value"),
    ],
)
def test_what_is_no_json_of_ours(text, said):
    """It is refused by name."""
    with pytest.raises(BadData) as caught:
        decoded(text)
    assert str(caught.value) == said


@pytest.mark.parametrize("value", ["\ud83d", {"\udc00": 1}, ["a", "ü\ud800"]])
def test_half_a_surrogate_pair(value):
    """What cannot be sent to a model is refused before."""
    with pytest.raises(BadData, match="half a surrogate pair"):
        node_of(value, HERE)


def test_depth():
    """Nesting is bounded as in a suite."""
    value = "x"
    for _ in range(65):
        value = [value]
    with pytest.raises(BadData, match="nested deeper than 64 levels"):
        node_of(value, HERE)
