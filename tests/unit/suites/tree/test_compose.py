"""Hostile and broken YAML ends in an error with a place."""

import subprocess
import sys

import pytest
import yaml

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.tree import compose as compose_module
from pytest_llmcost.suites.tree.compose import MOST_DEPTH, compose
from pytest_llmcost.suites.tree.nodes import data_of
from pytest_llmcost.suites.tree.report import MOST_PROBLEMS, Report


def composed(text):
    """Return the text's data, and what was said about it."""
    report = Report("x.yaml")
    report.source = text
    try:
        root = compose(report)
        report.raise_if_any()
    except SuiteError as error:
        return None, [f"{problem.line}:{problem.column}: {problem.message}" for problem in error.problems]
    return root and data_of(root), []


def test_places_and_raw_texts():
    """Every value knows where it stands and how it was written."""
    report = Report("x.yaml")
    report.source = 'a: 010\nb:\n  - "010"\n  - ünïcode: yes\n'
    root = compose(report)
    a = root.entries["a"][1]
    quoted, mapping = root.entries["b"][1].items
    assert (a.value, a.raw, a.line, a.column) == (10, "010", 1, 4)
    assert (quoted.value, quoted.raw, quoted.line, quoted.column) == ("010", "010", 3, 5)
    key, yes = mapping.entries["ünïcode"]
    assert (key.line, key.column, yes.column) == (4, 5, 14)


def test_pure_python_loader(monkeypatch):
    """Without libyaml the pure Python loader reads the same."""
    text = "a: [1, {b: 'c'}]\nd: |\n  x\n"
    with_libyaml = composed(text)
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert composed(text) == with_libyaml == ({"a": [1, {"b": "c"}], "d": "x\n"}, [])
    assert composed("a: [")[1][0].startswith("1:5: this is no YAML")
    assert composed("a\n\x07")[1] == ["2:1: U+0007 may not stand in YAML. Write it as an escape, in double quotes"]


def test_s01_duplicate_key():
    """A key that comes twice is a mistake at its second place; the last does not win silently."""
    assert composed("budget: 1\nother: 2\nbudget: 999\n")[1] == [
        "3:1: key 'budget' is here twice, first in line 1. Keep one"
    ]


def test_s02_alias_bomb():
    """Aliases are refused, so that nothing can explode."""
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
    found = composed(bomb)[1]
    assert found[0] == "2:8: alias 'a': aliases are not allowed. Write the value out"
    assert len(found) == 4
    assert composed("a: &a [*a]")[1] == ["1:8: alias 'a': aliases are not allowed. Write the value out"]
    assert composed("a: &unused 1")[0] == {"a": 1}


@pytest.mark.parametrize(
    "value", ["!!python/object/apply:os.system [id]", "!!binary aGk=", "!mine x", "!!str 5", "! 5"]
)
def test_s02_tags(value):
    """Tags are refused, those of harmless types too."""
    (found,) = composed(f"a: {value}")[1]
    assert "tags are not allowed" in found


@pytest.mark.parametrize("level", ["[", "{a: ", "- ", "? "])
def test_s02_depth(level):
    """One level too many is an error, at its place; as many as allowed are read."""
    (found,) = composed(level * (MOST_DEPTH + 1) + "x")[1]
    assert f"nested deeper than {MOST_DEPTH} levels" in found
    end = {"[": "]", "{a: ": "}"}.get(level, "")
    _, found = composed(level * MOST_DEPTH + "x" + end * MOST_DEPTH)
    assert not any("nested" in line for line in found)


@pytest.mark.parametrize(
    "text", ["'[' * 100_000", "'{a: ' * 100_000", "'- ' * 100_000", "'\\n'.join(' ' * n + 'a:' for n in range(3000))"]
)
def test_s08_deep_nesting_does_not_crash(text, tmp_path):
    """A hundred thousand brackets end in an error of ours, and not in a fault of the process."""
    code = (
        "from pathlib import Path\n"
        "from pytest_llmcost.suites.read import read_suite\n"
        "from pytest_llmcost.domain.errors import SuiteError\n"
        f"path = Path({str(tmp_path)!r}) / 'bench_deep.yaml'\n"
        f"path.write_text({text})\n"
        "try: read_suite(path, root=path.parent)\n"
        "except SuiteError as error: print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "nested deeper than 64 levels" in ended.stdout


def test_second_document():
    """A file is one suite."""
    assert composed("a: 1\n---\nb: 2\n")[1] == ["2:1: a second document starts here: a suite is one. Split the file"]


@pytest.mark.parametrize(
    ("text", "place"), [("a: b: c", "1:5"), ("a: [1", "2:1"), ("a:\n\t- b", "2:1"), ("- @x", "1:3"), ("'a", "1:3")]
)
def test_no_yaml(text, place):
    """What is no YAML is named with its place."""
    (found,) = composed(text)[1]
    assert found.startswith(f"{place}: this is no YAML: ")


def test_unprintable_character():
    """Control characters are named with their place."""
    assert composed("a: b\nc: ü\x1b[31m\n")[1] == [
        "2:5: U+001B may not stand in YAML. Write it as an escape, in double quotes"
    ]


def test_template_without_quotes():
    """`prompt: {{ text }}` is a mapping to YAML: the error says what to do, once."""
    assert composed("prompt: {{ text }}\nother: 1\n")[1] == ['1:10: a template needs quotes here: "{{ ... }}"']


@pytest.mark.parametrize("text", ["? [a]\n: b", "? {a: b}\n: c", "{[a]: b}"])
def test_keys_are_text(text):
    """A list or a mapping is no key."""
    (found,) = composed(text)[1]
    assert "key" in found or "quotes" in found


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e999"])
def test_s06_numbers_without_end(value):
    """Not a number, and infinity, are refused wherever they stand."""
    assert composed(f"a: {value}")[1] == [f"1:4: '{value}' is no finite number. If it is text, put it in quotes"]


def test_values_are_bounded(monkeypatch):
    """A file of countless values is refused before it fills the memory."""
    monkeypatch.setattr(compose_module, "MOST_NODES", 5)
    assert composed("[1, 2, 3, 4]")[1] == []
    assert composed("[1, 2, 3, 4, 5, 6, 7]")[1] == ["1:17: more than 5 values. Split the file"]


def test_mistakes_are_bounded():
    """Reading ends after a thousand mistakes."""
    _, found = composed("".join("a: 1\n" for _ in range(5000)))
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].endswith("reading stops here, after 1000 mistakes")
