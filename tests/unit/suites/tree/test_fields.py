"""Tables read mappings, and tell unknown keys from those that come later."""

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.fields import Key, Section, Table
from pytest_llmcost.suites.tree.report import Report
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import INVALID, Data, Number, Only, Text, Word, read_value

PET = Table(
    "a pet",
    {
        "name": Key(Text(), "what it is called", is_required=True),
        "legs": Key(Number(0, is_whole=True), "how many"),
    },
    not_yet=frozenset({"toys", "owner"}),
    refused={"chip": "that is private"},
    stand_ins=frozenset({"owner"}),
)
WILD = Table("a wild pet", {"name": Key(Text(), "its name", is_required=True)}, rest=Data(), named_by="id")


def read(kind, text):
    """Return what *kind* makes of *text*, and what it says about it."""
    report = Report("x.yaml")
    report.source = text
    value = read_value(kind, compose(report), "pet", report)
    try:
        report.raise_if_any()
    except SuiteError as error:
        return value, [f"{problem.line}:{problem.column}: {problem.message}" for problem in error.problems]
    return value, []


def test_section():
    """A section has values by key, and their places."""
    section, found = read(PET, "name: Rex\nlegs: 4\n")
    assert not found
    assert (section.get("name"), section.get("legs"), section.get("age", 1)) == ("Rex", 4, 1)
    assert "legs" in section
    assert "age" not in section
    assert (section.at("legs").column, section.key_at("legs").column, section.at("age")) == (7, 1, section.node)


def test_wrong_value_is_there_and_has_no_value():
    """A key with a wrong value is not missing."""
    section, found = read(PET, "name: 5")
    assert found == ["1:7: name is 5: text is needed; put it in quotes"]
    assert "name" in section
    assert section.get("name") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("legs: 4", ["1:1: pet has no 'name'. Add it: what it is called"]),
        ("{name: a, leg: 3}", ["1:11: unknown key 'leg' in a pet (did you mean 'legs'?)"]),
        ("{name: a, x: 3}", ["1:11: unknown key 'x' in a pet. Known here: name, legs"]),
        ("{name: a, toy: 3}", ["1:11: unknown key 'toy' in a pet (did you mean 'toys'?)"]),
        ("{name: a, toys: 3}", ["1:11: 'toys' is not supported yet. Leave it out"]),
        ("{name: a, chip: 3}", ["1:11: 'chip' may not stand in a pet: that is private"]),
        ("{nam: a}", ["1:2: unknown key 'nam' in a pet (did you mean 'name'?)"]),
        ("{owner: a}", ["1:2: 'owner' is not supported yet. Leave it out"]),
        ("[a]", ["1:1: pet is a list: a mapping is needed"]),
    ],
)
def test_mistakes(text, found):
    """One mistake, one problem: also where a misspelt key makes another one missing."""
    assert read(PET, text)[1] == found


def test_rest():
    """Where other keys are allowed they are kept apart; a misspelling is still suggested."""
    section, found = read(WILD, "{id: a, name: b, colour: [red]}")
    assert (section.values, section.rest, found) == ({"name": "b"}, {"id": "a", "colour": ["red"]}, [])
    assert read(WILD, "{nmae: b}")[1] == ["1:1: pet has no 'name' (is it 'nmae'?). Add it: its name"]


def test_lists():
    """One wrong item makes a list of words wrong; of sections the good ones are kept."""
    words = ListOf(Word(), at_least=1, at_most=2)
    assert read(words, "[a, 010]") == (["a", "010"], [])
    assert read(words, "[a, []]") == (INVALID, ["1:5: an item of pet is a list: text is needed"])
    assert read(words, "[]")[1] == ["1:1: pet has length 0: at least 1 is needed"]
    assert read(words, "[a, b, c]")[1] == ["1:1: pet has length 3: at most 2 is allowed"]
    assert read(words, "a")[1] == ["1:1: pet is 'a': a list is needed"]
    sections, found = read(ListOf(PET, item="a beast", skips_wrong=True), "[{name: a}, b]")
    assert [type(section) for section in sections] == [Section]
    assert found == ["1:13: a beast is 'b': a mapping is needed"]


def test_names():
    """A mapping of names tells mistakes with the name."""
    named = NamedOf(PET, "pet", name=Word(r"[a-z]+", needed="small letters"))
    assert list(read(named, "{a: {name: x}, b: {name: y}}")[0]) == ["a", "b"]
    assert read(named, "{A: {name: x}}")[1] == ["1:2: the name of a pet is 'A': small letters is needed"]
    assert read(named, "{a: {}}")[1] == ["1:5: pet 'a' has no 'name'. Add it: what it is called"]
    assert read(named, "{a: 5}")[1] == ["1:5: pet 'a' is 5: a mapping is needed"]


def test_shapes():
    """A value may be of several forms."""
    kind = ByShape(Only(False), ListOf(Word()))
    assert read(kind, "false") == (False, [])
    assert read(kind, "[a]") == (["a"], [])
    assert read(kind, "true")[1] == ["1:1: pet is true: false or a list is needed"]
    assert read(kind, "{a: b}")[1] == ["1:1: pet is a mapping: false or a list is needed"]
